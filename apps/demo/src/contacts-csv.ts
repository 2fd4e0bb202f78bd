import { IsobarError, type IsobarErrorOptions } from '@isobar/core'
import { CsvError, parse } from 'csv-parse/stream'
import { z } from 'zod'
import type { Contact, RejectedRow } from './office.ts'

/** Most characters of one row. */
export const MAX_ROW_CHARS = 16_384

/** Characters of a refused row that are kept. */
const MAX_KEPT_CHARS = 500

/** What a row must be. Other columns are left out. */
const contactRow = z.object({
  email: z.email().transform((address) => address.toLowerCase()),
  name: z.string().trim().min(1).max(200),
  locale: z
    .string()
    .regex(/^[a-z]{2}(-[A-Z]{2})?$/)
    .or(z.literal('').transform(() => 'en'))
    .default('en'),
})

/** A row of a file: a contact, or why it is none. */
export type ContactRow = { readonly contact: Contact } | { readonly rejected: RejectedRow }

/** The file is no CSV with a header. */
export class CsvFileError extends IsobarError {
  constructor(why: string, options?: IsobarErrorOptions) {
    super('CSV_FILE', `the file is no CSV of contacts: ${why}`, options)
  }
}

/** What the parser hands on. */
interface Parsed {
  readonly record: Readonly<Record<string, string>>
  readonly raw: string
  readonly info: { readonly lines: number }
}

/**
 * Reads contacts from a file in CSV, a row at a time as the bytes come: `email`, `name` and, optional, `locale`, in any
 * order, named by the first line. Leaving the loop early cancels the stream.
 *
 * Why csv-parse: quotes, line ends in fields and chunks that end within a row are what is hard about CSV; it gets them
 * right, tells lines, and works on web streams.
 *
 * @throws {CsvFileError} when it cannot be read as CSV, at the row where that shows.
 */
export async function* readContacts(file: ReadableStream<Uint8Array>): AsyncGenerator<ContactRow> {
  let header: readonly string[] = []
  const toColumns = (names: string[]) => {
    header = names.map((name) => name.toLowerCase())
    return header
  }
  const options = {
    ...{ info: true, raw: true, relax_column_count: true, skip_empty_lines: true, trim: true },
    columns: toColumns,
    max_record_size: MAX_ROW_CHARS,
  }
  const rows = file.pipeThrough(toUtf8()).pipeThrough(parse(options as never)) as ReadableStream<Parsed>
  const reader = rows.getReader()
  try {
    while (true) {
      const { done, value } = await read(reader)
      assertHeader(header, done)
      if (done) return
      yield toRow(value)
    }
  } finally {
    // Of a stream that has failed, this fails, too: it has been told already.
    await reader.cancel().catch(() => {})
  }
}

type Read = { readonly done: true; readonly value?: undefined } | { readonly done: false; readonly value: Parsed }

async function read(reader: ReadableStreamDefaultReader<Parsed>): Promise<Read> {
  try {
    return (await reader.read()) as Read
  } catch (error) {
    // Anything else comes from where the bytes come from, and may go away.
    if (!(error instanceof CsvError)) throw error
    throw new CsvFileError(error.message, { cause: error })
  }
}

function assertHeader(header: readonly string[], isOver: boolean): void {
  // A file of nothing at all is one without contacts.
  if (isOver && header.length === 0) return
  const missing = ['email', 'name'].filter((column) => !header.includes(column))
  if (missing.length > 0) throw new CsvFileError(`its first line names no column ${missing.join(' and no column ')}`)
}

function toRow({ record, raw, info }: Parsed): ContactRow {
  const checked = contactRow.safeParse(record)
  if (checked.success) {
    const { email: address, name, locale } = checked.data
    return { contact: { address, name, locale } }
  }
  const reason = checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return { rejected: { line: info.lines, row: raw.trim().slice(0, MAX_KEPT_CHARS), reason } }
}

/**
 * The file as Node's Buffers in UTF-8 without a mark, which is what the parser takes. Spreadsheets save UTF-16, too, and
 * begin it with one. (The parser knows of that, but garbles the rows that are kept as they were.)
 */
function toUtf8(): TransformStream<Uint8Array, Buffer> {
  let head: Uint8Array = new Uint8Array()
  let decoder: InstanceType<typeof TextDecoder> | undefined
  const push = (controller: TransformStreamDefaultController<Buffer>, text: string): void => {
    if (text !== '') controller.enqueue(Buffer.from(text))
  }
  return new TransformStream({
    transform(chunk, controller) {
      if (decoder) return push(controller, decoder.decode(chunk, { stream: true }))
      head = Buffer.concat([head, chunk])
      if (head.byteLength < MARK_BYTES) return
      decoder = new TextDecoder(toEncoding(head))
      push(controller, decoder.decode(head, { stream: true }))
    },
    flush(controller) {
      push(controller, decoder ? decoder.decode() : new TextDecoder().decode(head))
    },
  })
}

/** Bytes of the mark of UTF-16. */
const MARK_BYTES = 2

function toEncoding([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}
