import { toBytes } from '../body.ts'

/**
 * How a body is kept: text as it is, bytes in hex (D1 answers a blob with an array of numbers, eight times its size),
 * a value as JSON, and `lossy`, what JSON makes of a value that it cannot give back.
 */
export type BodyKind = 'text' | 'hex' | 'json' | 'lossy'

/** A body as the table has it. */
export interface KeptBody {
  readonly body: string
  readonly kind: BodyKind
}

/**
 * Characters of a value's JSON at most: D1 takes rows of 2 MB. What came through a queue has more only if it is a
 * structured clone that refers to one thing many times.
 */
const MAX_CHARS = 600_000

/** A body for the table. Never throws. */
export function toKeptBody(body: unknown): KeptBody {
  if (typeof body === 'string') return { body, kind: 'text' }
  const bytes = toBytes(body)
  return bytes ? { body: toHex(bytes), kind: 'hex' } : toKeptValue(body)
}

/** The body as it was sent; of a lossy one, what is left of it. */
export function fromKeptBody({ body, kind }: KeptBody): unknown {
  if (kind === 'hex') return fromHex(body)
  return kind === 'text' ? body : JSON.parse(body)
}

function toKeptValue(value: unknown): KeptBody {
  let isWhole = true
  try {
    const text = JSON.stringify(value, function (this: Record<string, unknown>, key, part) {
      // Of a date this has the text already, where the object has the date.
      isWhole &&= part === this[key] && isOfJson(part)
      return part
    })
    if (text === undefined) return toProblem(`a value of type ${typeof value}`)
    return text.length > MAX_CHARS
      ? toProblem('a value too large for a row')
      : { body: text, kind: isWhole ? 'json' : 'lossy' }
  } catch (error) {
    // A cycle, a bigint: there is no other text for it.
    return toProblem(`a value that JSON fails on: ${error}`)
  }
}

const toProblem = (problem: string): KeptBody => ({ body: JSON.stringify({ problem }), kind: 'lossy' })

function isOfJson(part: unknown): boolean {
  if (typeof part === 'object' && part !== null)
    return Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype
  return part === null || typeof part === 'string' || typeof part === 'boolean' || Number.isFinite(part)
}

function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length)
  for (const [at, byte] of bytes.entries()) {
    codes[2 * at] = codeOf(byte >> 4)
    codes[2 * at + 1] = codeOf(byte & 15)
  }
  return new TextDecoder().decode(codes)
}

/** The code of a hex digit: `0` is 48, `a` is 97. */
function codeOf(digit: number): number {
  return digit < 10 ? 48 + digit : 87 + digit
}

function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at++) bytes[at] = 16 * digitAt(hex, 2 * at) + digitAt(hex, 2 * at + 1)
  return bytes
}

function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at)
  return code < 58 ? code - 48 : code - 87
}
