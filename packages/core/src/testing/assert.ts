import { IsobarError } from '../errors.ts'

/** What a conformance case expected did not happen. */
export class ConformanceError extends IsobarError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('CONFORMANCE', message, options)
  }
}

/** Longest value shown in a message, in characters. */
const MAX_SHOWN = 300

function show(value: unknown): string {
  const text = value === undefined ? 'undefined' : (JSON.stringify(value) ?? String(value))
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text
}

/** @throws {ConformanceError} when the condition does not hold. */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message)
}

/** Whether two values are the same JSON: same shapes, own keys and values, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && sameJson(Reflect.get(a, key), Reflect.get(b, key)))
}

/** @throws {ConformanceError} when `actual` is not the same JSON as `expected`. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  check(sameJson(actual, expected), `${what}: expected ${show(expected)}, got ${show(actual)}`)
}

/**
 * Awaits a rejection and answers its error.
 * @throws {ConformanceError} when the call succeeds, or its error has no code, or another than `code`.
 */
export async function rejects(call: () => Promise<unknown>, what: string, code?: string): Promise<Error> {
  let answer: unknown
  try {
    answer = await call()
  } catch (error) {
    const actual = (error as { readonly code?: unknown } | null | undefined)?.code
    const fits = code === undefined ? typeof actual === 'string' : actual === code
    if (error instanceof Error && fits) return error
    throw new ConformanceError(
      `${what}: expected an error with ${code ? `code ${code}` : 'a code'}, got ${String(error)}`,
      { cause: error },
    )
  }
  throw new ConformanceError(`${what}: expected ${code ? `the error ${code}` : 'an error'}, got ${show(answer)}`)
}
