import type { StoredJob } from './broker.ts'
import { InvalidDataError, PayloadTooLargeError, toError, UnreadableError } from './errors.ts'

const encoder = new TextEncoder()

/** Bytes of a text as UTF-8. Exact; quick for texts that are clearly within `enough`. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength
}

/** Whether a text has more than `maxBytes` bytes as UTF-8. A code unit takes 1 to 3, so most texts need no count. */
function isOver(text: string, maxBytes: number): boolean {
  return text.length > maxBytes || (text.length * 3 > maxBytes && byteLength(text) > maxBytes)
}

/** Whether a text may spell the key `__proto__`, escaped or not. */
function mayHaveProto(text: string): boolean {
  return text.includes('__proto__') || text.includes('\\u00')
}

/** Fails on an own key `__proto__`, which a careless merge in a handler would turn into prototype pollution. */
function refuseProto(jobName: string, text: string): void {
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (key === '__proto__')
        throw new InvalidDataError(jobName, ['a key "__proto__" is not accepted'], { code: 'DATA_PROTO' })
      return value
    })
  } catch (error) {
    throw error instanceof RangeError ? tooDeep(jobName, error) : error
  }
}

function tooDeep(jobName: string, cause: RangeError): InvalidDataError {
  return new InvalidDataError(jobName, ['it is nested too deeply'], { cause, code: 'DATA_DEPTH' })
}

/**
 * Data as JSON text, for the wire.
 * @throws {InvalidDataError} when JSON fails on it (bigint, cycle, function, too deep) or it has a key `__proto__`. What
 * JSON changes inside it (dates, `undefined`, `NaN`) is for the types and the schema to keep out.
 * @throws {PayloadTooLargeError} when it has more than `maxBytes` bytes.
 */
export function encodeData(jobName: string, data: unknown, maxBytes: number): string {
  let text: string | undefined
  try {
    text = JSON.stringify(data ?? null)
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(jobName, cause)
    throw new InvalidDataError(jobName, [`it cannot be written as JSON: ${toError(cause).message}`], { cause })
  }
  if (text === undefined) throw new InvalidDataError(jobName, [`a ${typeof data} cannot be written as JSON`])
  if (isOver(text, maxBytes)) throw new PayloadTooLargeError(jobName, byteLength(text), maxBytes)
  if (mayHaveProto(text)) refuseProto(jobName, text)
  return text
}

/**
 * Data from JSON text off the wire.
 * @throws {UnreadableError} when it is not JSON.
 * @throws {InvalidDataError} when it has a key `__proto__`, or is too deep.
 * @throws {PayloadTooLargeError} when it has more than `maxBytes` bytes.
 */
export function decodeData(jobName: string, text: string, maxBytes: number): unknown {
  if (isOver(text, maxBytes)) throw new PayloadTooLargeError(jobName, byteLength(text), maxBytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    if (cause instanceof RangeError) throw tooDeep(jobName, cause)
    // The parser's message quotes the payload, so it is not passed on.
    throw new UnreadableError(`data of job ${jobName} is not JSON`)
  }
  if (mayHaveProto(text)) refuseProto(jobName, text)
  return value
}

/**
 * The data of a job as its broker handed it over.
 * @throws {UnreadableError | InvalidDataError | PayloadTooLargeError}
 */
export function readPayload({ name, payload }: StoredJob, maxBytes: number): unknown {
  if ('text' in payload) return decodeData(name, payload.text, maxBytes)
  if ('value' in payload) return payload.value
  throw new UnreadableError(payload.problem)
}
