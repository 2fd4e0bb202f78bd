import type { DeadReason, StoredJob } from '@isobar/core'
import { serializeError } from '@isobar/core/codec'
import { DEAD_HEADROOM_BYTES, MAX_MESSAGE_BYTES, METADATA_BYTES } from './limits.ts'

/** How a dead letter begins. */
export const DEAD_MARK = '{"isobarDead":1,'

/** What is said of a job that died. */
export interface DeadFacts {
  readonly reason: DeadReason
  /** Charged ones. */
  readonly attempts: number
  /** Ms since the epoch. */
  readonly diedAt: number
  readonly redrives: number
}

/** A job that died, with the body of its message. */
export interface Death extends DeadFacts {
  readonly job: Pick<StoredJob, 'id' | 'name' | 'queue' | 'priority' | 'crashes' | 'enqueuedAt' | 'tenant'>
  readonly body: unknown
  readonly error: unknown
}

/** A message for the queue of dead letters. */
export interface DeadMessage {
  readonly body: unknown
  readonly contentType: 'text' | 'bytes' | 'v8'
}

/** Characters that are kept of each text of an error: the most that leave the header within its bytes. */
const KEPT_CHARS = [4_096, 1_000, 300, 60, 0]

const encoder = new TextEncoder()
const sizeOf = (text: string): number => encoder.encode(text).byteLength

/**
 * A dead letter: a header of JSON, a line end, and the original body as it was. A body that is neither text nor bytes
 * is sent as a structured clone, in an object with the header's fields. What would be too large goes without a header, as
 * only a body of somebody else's can be: the jobs of isobar leave room for it.
 */
export function toDeadMessage(death: Death): DeadMessage {
  const { body } = death
  const header = toHeader(death)
  const room = MAX_MESSAGE_BYTES - METADATA_BYTES - (header ? sizeOf(header) : MAX_MESSAGE_BYTES)
  if (typeof body === 'string') return { body: sizeOf(body) > room ? body : header + body, contentType: 'text' }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    const bytes = toBytes(body)
    return { body: bytes.byteLength > room ? body : concat(encoder.encode(header), bytes), contentType: 'bytes' }
  }
  // What a structured clone weighs nobody says; its JSON is near enough.
  const isOver = !header || sizeOf(JSON.stringify(body) ?? '') > room
  return { body: isOver ? body : { ...JSON.parse(header), body }, contentType: 'v8' }
}

function toHeader({ job, body: _, error, ...facts }: Death): string | undefined {
  const { id, name, queue, priority, crashes, enqueuedAt, tenant } = job
  const serialized = serializeError(error)
  for (const chars of KEPT_CHARS) {
    const cut = (_: string, value: unknown): unknown => (typeof value === 'string' ? value.slice(0, chars) : value)
    const rest = {
      id,
      name,
      queue,
      priority,
      crashes,
      enqueuedAt,
      tenant,
      error: JSON.parse(JSON.stringify(serialized, cut)),
    }
    const header = `${JSON.stringify({ isobarDead: 1, ...facts, ...rest })}\n`
    if (sizeOf(header) <= DEAD_HEADROOM_BYTES) return header
  }
  return undefined
}

/** The bytes of a buffer or a view of one. */
export function toBytes(body: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : new Uint8Array(body)
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.byteLength + b.byteLength)
  both.set(a)
  both.set(b, a.byteLength)
  return both
}
