/** Characters of a value's text that are compared. What differs later only is taken for the same. */
export const MAX_TEXT_LENGTH: number = 1024 ** 2

/** Objects within objects that are looked into. */
const MAX_DEPTH = 64

/**
 * Writes a value as text that is the same for values that hold the same: keys are sorted, and what JSON cannot hold is
 * described by its type. Never throws, and stops at `limit` characters.
 */
export function toCanonicalText(value: unknown, limit: number = MAX_TEXT_LENGTH): string {
  const writer = new Writer(limit)
  writer.write(value)
  return writer.text()
}

class Writer {
  readonly #limit: number
  readonly #parts: string[] = []
  readonly #above = new Set<object>()
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  text(): string {
    return this.#parts.join('').slice(0, this.#limit)
  }

  write(value: unknown): void {
    if (this.#isFull()) return
    if (typeof value === 'object' && value !== null) this.#object(value)
    else this.#put(plainText(value))
  }

  #isFull(): boolean {
    return this.#length >= this.#limit
  }

  #put(text: string): void {
    this.#parts.push(text)
    this.#length += text.length
  }

  #object(value: object): void {
    if (this.#above.has(value)) return this.#put('[circular]')
    if (this.#above.size >= MAX_DEPTH) return this.#put('[deep]')
    this.#above.add(value)
    try {
      this.#contents(value)
    } catch {
      // A getter, a proxy or a `toJSON` of the handler's own.
      this.#put('[throws]')
    } finally {
      this.#above.delete(value)
    }
  }

  #contents(value: object): void {
    if (Array.isArray(value)) return this.#list('[', value, ']')
    const name = nameOf(value)
    if (name !== 'Object') this.#put(`${name} `)
    if (ArrayBuffer.isView(value)) return this.#bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    if (value instanceof ArrayBuffer) return this.#bytes(new Uint8Array(value))
    if (value instanceof Error) return this.#put(JSON.stringify(value.message))
    if (value instanceof RegExp) return this.#put(String(value))
    if (value instanceof Set) return this.#list('{', value, '}')
    if (value instanceof Map) return this.#list('{', value, '}')
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.write(value.toJSON())
    this.#put('{')
    for (const [at, key] of Object.keys(value).sort().entries()) {
      if (this.#isFull()) break
      this.#put(`${at > 0 ? ',' : ''}${JSON.stringify(key)}:`)
      this.write((value as Record<string, unknown>)[key])
    }
    this.#put('}')
  }

  #list(open: string, values: Iterable<unknown>, close: string): void {
    let before = open
    for (const value of values) {
      if (this.#isFull()) break
      this.#put(before)
      this.write(value)
      before = ','
    }
    this.#put(before === open ? open + close : close)
  }

  #bytes(bytes: Uint8Array): void {
    this.#put(`${bytes.length} ${Buffer.from(bytes.subarray(0, this.#limit)).toString('base64')}`)
  }
}

function plainText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'bigint':
      return `${value}n`
    case 'function':
      return '[function]'
    case 'number':
      return Object.is(value, -0) ? '0' : String(value)
    default:
      return String(value)
  }
}

function nameOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null
  const name = prototype?.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'Object'
}
