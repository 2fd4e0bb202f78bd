import { serializeError } from '@isobar/core/codec'

/** A body as text or bytes: what was sent as JSON or as a structured clone is no envelope, and kept as JSON to look at. */
export function toReadable(body: unknown): string | Uint8Array {
  if (typeof body === 'string') return body
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return toBytes(body)
  try {
    return JSON.stringify(body) ?? String(body)
  } catch (error) {
    return `a value that JSON fails on: ${serializeError(error).message}`
  }
}

/** The bytes of a buffer or of a view of one; undefined for anything else. */
export function toBytes(body: ArrayBuffer | ArrayBufferView): Uint8Array
export function toBytes(body: unknown): Uint8Array | undefined
export function toBytes(body: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return body instanceof ArrayBuffer ? new Uint8Array(body) : undefined
}

/** Enough of a body to tell what it is. */
export function beginningOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 16))
}
