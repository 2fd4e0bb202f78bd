import { type DeadLetter, IsobarError, type IsobarErrorOptions } from '@isobar/core'

/** Bytes of a call's body. */
export const MAX_REQUEST_BYTES = 8_000_000

/** Bytes of an answer's body: a page of dead letters carries their payloads. */
export const MAX_ANSWER_BYTES = 64_000_000

/** Where calls go: this, and the name of the call. */
export const CALL_PATH = '/v1/'

/** The API's answer: of its status, 200 or not, one of the two is there. */
export interface Answer {
  readonly result?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

/**
 * A call to an engine's local API failed. `code` is that of the engine's own error where it refused, else one of
 * `API_UNREACHABLE`, `API_TIMEOUT`, `API_UNAUTHORIZED`, `API_FORBIDDEN`, `API_CALL`, `API_TOO_LARGE` and `API_INTERNAL`.
 */
export class ApiError extends IsobarError {
  constructor(code: string, message: string, options?: IsobarErrorOptions) {
    super(code, message, options)
  }
}

/** A dead letter as it goes over the wire: bytes as base64, all else as it is. */
export function toWire(letter: DeadLetter): unknown {
  const { payload } = letter
  if (!('bytes' in payload)) return letter
  return { ...letter, payload: { ...payload, bytes: Buffer.from(payload.bytes).toString('base64') } }
}

/** A dead letter off the wire. */
export function fromWire(letter: DeadLetter): DeadLetter {
  const { payload } = letter
  if (!('bytes' in payload)) return letter
  return { ...letter, payload: { ...payload, bytes: new Uint8Array(Buffer.from(String(payload.bytes), 'base64')) } }
}
