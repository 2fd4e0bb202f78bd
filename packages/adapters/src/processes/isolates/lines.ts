/**
 * What an isolate tells its supervisor: lines of text, each a letter, a number (of the job in this isolate, or of a
 * request) and what goes with it, as JSON or as one more number.
 *
 * They travel in batches, each a line `#` with the batch's number and then its lines. Until a batch is sent it stands in
 * the journal, a file, with a line `=` and its number behind it, where it goes on; the next batch overwrites it from the
 * start. See `line-writer.ts` for who writes it, and `transcript.ts` for who reads.
 */
export const SAY = {
  /** Loaded; the manifest. */
  ready: 'R',
  /** Could not be loaded; the error. */
  failed: 'F',
  /** A handler is about to start; when, ms since the epoch. */
  start: 's',
  /** Done, with neither result nor follow-ups; how long its handler took, in ms. */
  done: 'a',
  /** Any other outcome: `{ ms, outcome }`. */
  outcome: 'o',
  /** The outcome just told is of a handler that goes on, and holds its slot. */
  abandoned: 'b',
  /** Handed back: it had not started. */
  unstarted: 'u',
  /** `ctx.progress`. */
  progress: 'p',
  /** A hook of which the supervisor wants to hear: `[name, event without its job]`. */
  hook: 'k',
  /** `ctx.enqueue(…, { now: true })`: the specs. */
  send: 'n',
  /** Memory, read on the way or after a collection that was asked for. */
  memory: 'm',
  /** Memory, read after a natural full collection, with the jobs done by type since the last one. */
  collected: 'c',
  /** How long collections have stopped it since it last said so. */
  pauses: 'g',
  /** It ends itself: an exception that nobody caught; the error. The number is that of its job, 0 where none is known. */
  crash: 'j',
} as const

/** A kind of line. */
export type Said = (typeof SAY)[keyof typeof SAY]

/** A line, with its line break. */
export function toLine(kind: Said, n: number, rest: string | number = ''): string {
  return `${kind}${n} ${rest}\n`
}

/** Lines of a batch as they go through the pipe, and begin in the journal. */
export function toBatch(batch: number, lines: string): string {
  return `#${batch} \n${lines}`
}

/** What stands behind the lines of a batch in the journal: what older batches have left after it is not of it. */
export function toEndOf(batch: number): string {
  return `=${batch}\n`
}

/** The lines in the journal, with the number of their batch; none while they are being written. */
export function fromJournal(text: string): { readonly batch: number; readonly lines: readonly string[] } {
  const [head = '', ...lines] = text.split('\n')
  const batch = Number.parseInt(head.slice(1), 10)
  const end = lines.indexOf(`=${batch}`)
  return end < 0 ? { batch: 0, lines: [] } : { batch, lines: lines.slice(0, end) }
}

/** One line, taken apart. */
export interface Line {
  readonly kind: Said
  readonly n: number
  readonly rest: string
}

/** Characters that may come without a line break: a result, a batch of follow-ups. More is not a line of isobar's. */
export const MAX_LINE: number = 64 * 1024 * 1024

/** A line taken apart. */
export function parseLine(text: string): Line {
  const space = text.indexOf(' ')
  return { kind: text[0] as Said, n: Number(text.slice(1, space)), rest: text.slice(space + 1) }
}

/** Cuts a stream of text into lines, wherever it was broken on its way. */
export class LineReader {
  #text = ''

  /**
   * Takes the next piece, and hands on the lines that are complete.
   * @throws {RangeError} when a line does not end.
   */
  read(piece: string, onLine: (line: string) => void): void {
    const text = this.#text + piece
    let at = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      onLine(text.slice(at, end))
      at = end + 1
    }
    this.#text = text.slice(at)
    if (this.#text.length > MAX_LINE) throw new RangeError(`a line of more than ${MAX_LINE} characters`)
  }
}
