import { GrowingStrings } from './growing.ts'
import type { Snapshot } from './snapshot.ts'
import { type Head, SnapshotLists } from './snapshot-lists.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x5b
const CLOSE = 0x5d
const ZERO = 0x30
const NINE = 0x39

/** What comes after the head. */
const FIRST_LIST = '"nodes":'

/** Bytes that the head may have. */
const MAX_HEAD_BYTES = 1_000_000

/**
 * Reads the JSON of a heap snapshot as it comes, byte by byte, into typed arrays: no text of the whole is ever made, as
 * snapshots pass the longest string that there is. The order is V8's: the head, then one list of numbers or strings after
 * another.
 */
export class SnapshotParser {
  #head = ''
  #decoder = new TextDecoder()
  #list: List | undefined
  #lists: SnapshotLists | undefined
  #key = ''
  #isInKey = false
  readonly #strings = new GrowingStrings()

  /** Takes the next piece. */
  push(bytes: Uint8Array): void {
    let at = 0
    if (!this.#lists) {
      at = this.#readHead(bytes)
      if (!this.#lists) return
    }
    while (at < bytes.length) at = this.#list ? this.#list.read(bytes, at) : this.#readBetween(bytes, at)
  }

  /**
   * The snapshot, once all has come.
   * @throws {SnapshotError} when it is not whole.
   */
  end(): Snapshot {
    if (!this.#lists?.isWhole) throw broken('it ends too early')
    return this.#lists.toSnapshot(this.#strings)
  }

  #readHead(bytes: Uint8Array): number {
    const before = this.#head.length
    this.#head += this.#decoder.decode(bytes, { stream: true })
    const end = this.#head.indexOf(FIRST_LIST)
    if (end < 0) {
      if (this.#head.length > MAX_HEAD_BYTES) throw broken('it has no head')
      return bytes.length
    }
    const { snapshot } = parseHead(`${this.#head.slice(0, end).replace(/,\s*$/, '')}}`)
    this.#lists = new SnapshotLists(snapshot)
    this.#head = ''
    this.#key = 'nodes'
    // The head is ASCII: its characters are its bytes. It may have begun in an earlier piece.
    return end + FIRST_LIST.length - before
  }

  /** Between two lists: finds the key of the next, and its bracket. */
  #readBetween(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) {
        this.#isInKey = !this.#isInKey
        if (this.#isInKey) this.#key = ''
      } else if (this.#isInKey) this.#key += String.fromCharCode(byte)
      else if (byte === OPEN) {
        const done = (): void => {
          this.#list = undefined
        }
        this.#list =
          this.#key === 'strings'
            ? new StringList(this.#strings, done)
            : new NumberList((this.#lists as SnapshotLists).sinkOf(this.#key), done)
        return at + 1
      }
    }
    return bytes.length
  }
}

/** A list that is being read. `read` answers where it stopped: at the end of the bytes, or behind its bracket. */
interface List {
  read(bytes: Uint8Array, from: number): number
}

class NumberList implements List {
  readonly #sink: (value: number) => void
  readonly #done: () => void
  #value = -1
  #depth = 1

  constructor(sink: (value: number) => void, done: () => void) {
    this.#sink = sink
    this.#done = done
  }

  read(bytes: Uint8Array, from: number): number {
    let value = this.#value
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (byte >= ZERO && byte <= NINE) {
        value = (value < 0 ? 0 : value * 10) + (byte - ZERO)
        continue
      }
      if (value >= 0) {
        this.#sink(value)
        value = -1
      }
      if (byte === OPEN) this.#depth++
      else if (byte === CLOSE && --this.#depth === 0) {
        this.#value = -1
        this.#done()
        return at + 1
      }
    }
    this.#value = value
    return bytes.length
  }
}

class StringList implements List {
  readonly #strings: GrowingStrings
  readonly #done: () => void
  #isInString = false
  #isEscaped = false

  constructor(strings: GrowingStrings, done: () => void) {
    this.#strings = strings
    this.#done = done
  }

  read(bytes: Uint8Array, from: number): number {
    let start = from
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (!this.#isInString) {
        if (byte === QUOTE) {
          this.#isInString = true
          start = at + 1
        } else if (byte === CLOSE) {
          this.#done()
          return at + 1
        }
      } else if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = true
      else if (byte === QUOTE) {
        this.#strings.append(bytes.subarray(start, at))
        this.#strings.endString()
        this.#isInString = false
      }
    }
    if (this.#isInString) this.#strings.append(bytes.subarray(start))
    return bytes.length
  }
}

function parseHead(text: string): { readonly snapshot: Head } {
  try {
    const head = JSON.parse(text) as { readonly snapshot: Head }
    if (head.snapshot.meta.node_fields.length > 0 && head.snapshot.meta.edge_fields.length > 0) return head
  } catch (cause) {
    throw broken('its head is not JSON', cause)
  }
  throw broken('its head does not say what its fields are')
}

/** What was read is no heap snapshot, or not the whole of one. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

function broken(problem: string, cause?: unknown): SnapshotError {
  return new SnapshotError(`the heap snapshot cannot be read: ${problem}`, { cause })
}

/**
 * Parses a snapshot that comes in pieces.
 * @throws {SnapshotError} when it is none, or not whole.
 */
export async function parseSnapshot(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Snapshot> {
  const parser = new SnapshotParser()
  for await (const piece of pieces) parser.push(piece)
  return parser.end()
}
