import { expect, test } from 'vitest'
import { toByteStream } from './byte-stream.ts'
import { type ContactRow, CsvFileError, MAX_ROW_CHARS, readContacts } from './contacts-csv.ts'

async function read(file: string | Uint8Array, chunkBytes?: number): Promise<ContactRow[]> {
  const rows: ContactRow[] = []
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  for await (const row of readContacts(toByteStream(bytes, chunkBytes))) rows.push(row)
  return rows
}

const TRICKY =
  '\uFEFFName,EMAIL,other\r\n"O\'Neil, ""Zoë""\r\nof Köln",Zoe@Example.org,x\r\n\r\nJörg,joerg@example.org\r\n'
const ROWS = [
  { contact: { address: 'zoe@example.org', name: 'O\'Neil, "Zoë"\r\nof Köln', locale: 'en' } },
  { contact: { address: 'joerg@example.org', name: 'Jörg', locale: 'en' } },
]

test.each([1, 2, 3, 7, 10_000])(
  'quotes, line ends, a byte order mark and letters cut in two, %i bytes a chunk',
  async (bytes) => {
    expect(await read(TRICKY, bytes)).toEqual(ROWS)
  },
)

test('a byte order mark before a quote is no part of the first name', async () => {
  expect(await read('\uFEFF"email","name"\nann@example.org,Ann\n')).toMatchObject([{ contact: { name: 'Ann' } }])
})

test.each([1, 2, 3, 7, 10_000])('UTF-16, as spreadsheets save it, %i bytes a chunk', async (bytes) => {
  const file = Buffer.from('\uFEFFemail,name\r\nzoe@example.org,"Zoë, 東京 😀"\r\nbob,"Bób, 東京"\r\n', 'utf16le')
  const rows = [
    { contact: { address: 'zoe@example.org', name: 'Zoë, 東京 😀', locale: 'en' } },
    { rejected: { line: 3, row: 'bob,"Bób, 東京"', reason: 'email: Invalid email address' } },
  ]
  expect(await read(file, bytes)).toEqual(rows)
  expect(await read(Buffer.from(file).swap16(), bytes)).toEqual(rows)
})

test.each([
  ['of one byte', new Uint8Array([0x65])],
  ['of a mark that is cut off', new Uint8Array([0xff])],
])('a file %s is none of contacts', async (_, file) => {
  await expect(read(file)).rejects.toThrow(CsvFileError)
})

test('refused rows tell their line, themselves and why', async () => {
  const rows = await read(
    'email,name,locale\nann@example.org,Ann,de\nnobody,Bob,de\n,,\ncarl@example.org,Carl,german\n',
  )
  expect(rows.map((row) => ('contact' in row ? row.contact.name : [row.rejected.line, row.rejected.row]))).toEqual([
    'Ann',
    [3, 'nobody,Bob,de'],
    [4, ',,'],
    [5, 'carl@example.org,Carl,german'],
  ])
  const [, bob, empty, carl] = rows as { rejected: { reason: string } }[]
  expect(bob?.rejected.reason).toMatch(/^email: Invalid email address$/)
  expect(empty?.rejected.reason).toMatch(/email: .*; name: /)
  expect(carl?.rejected.reason).toMatch(/^locale: /)
})

test('a row with fewer fields is refused, one with more is not', async () => {
  const rows = await read('email,name\nann@example.org\nbob@example.org,Bob,more\n')
  expect(rows).toMatchObject([{ rejected: { line: 2 } }, { contact: { name: 'Bob' } }])
})

test.each(['', 'email,name', 'email,name\n\n'])('%j has no rows', async (text) => expect(await read(text)).toEqual([]))

test.each([
  ['no column of contacts', 'mail,names', /no column email and no column name/],
  ['no such column', 'mail,name\na@b.example,Ann\n', /no column email/],
  ['a quote that does not end', 'email,name\n"a@b.example,Ann\n', /[Qq]uote/],
  ['a quote in the middle', 'email,name\na@b.example,An"n"\n', /[Qq]uote/],
  ['a row that does not end', `email,name\n${'x'.repeat(2 * MAX_ROW_CHARS)}`, /[Mm]ax/],
])('%s is no file of contacts', async (_, text, why) => {
  await expect(read(text)).rejects.toThrow(CsvFileError)
  await expect(read(text)).rejects.toThrow(why)
})

test('a stream that fails is told as it is, and one that is left is cancelled', async () => {
  const failing = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('connection lost')),
  })
  await expect(async () => {
    for await (const _ of readContacts(failing));
  }).rejects.toThrow('connection lost')

  let canceled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('email,name\na@b.example,Ann\n')),
    cancel() {
      canceled = true
    },
  })
  for await (const _ of readContacts(endless)) break
  expect(canceled).toBe(true)
})
