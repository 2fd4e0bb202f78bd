import type { DeadReason, StoredJob } from '@isobar/core'
import { serializeError } from '@isobar/core/codec'
import { toBytes } from './body.ts'
import { DEAD_HEADROOM_BYTES, MAX_BODY_BYTES } from './limits.ts'

/** How a dead letter begins. */
export const DEAD_MARK = '{"isobarDead":1,'

/** Characters that are kept of each text of an error: at first, a quarter each time that it is too much. */
const MOST_CHARS = 4_096

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

const encoder = new TextEncoder()
const sizeOf = (text: string): number => encoder.encode(text).length

/**
 * A dead letter: a header of JSON, a line end, and the original body as it was. A body that is neither text nor bytes is
 * sent as a structured clone, in an object with the header's fields. A body that leaves little room has a shorter error;
 * one that leaves none goes without a header, as only a body of somebody else's can: the jobs of isobar leave 4,000 bytes.
 */
export function toDeadMessage(death: Death): DeadMessage {
  const { body } = death
  if (typeof body === 'string') return { body: toHeader(death, sizeOf(body)) + body, contentType: 'text' }
  const bytes = toBytes(body)
  if (bytes) {
    const header = encoder.encode(toHeader(death, bytes.length))
    return { body: new Uint8Array([...header, ...bytes]), contentType: 'bytes' }
  }
  let weight = Number.POSITIVE_INFINITY
  try {
    // What a structured clone weighs nobody says: no more than five times its JSON.
    weight = JSON.stringify(body).length * 5
  } catch {}
  const header = toHeader(death, weight)
  return { body: header ? { ...JSON.parse(header), body } : body, contentType: 'v8' }
}

/** The header that leaves room for a body of so many bytes, with as much of the error as can be; empty if there is none. */
function toHeader({ job, body: _, error, ...facts }: Death, bytes: number): string {
  const fields = JSON.stringify({ isobarDead: 1, ...job, payload: undefined, ...facts }).slice(0, -1)
  const room = DEAD_HEADROOM_BYTES + Math.min(0, MAX_BODY_BYTES - bytes)
  for (let chars = MOST_CHARS; chars; chars >>= 2) {
    const kept = JSON.stringify(serializeError(error), (_, value) => value.slice?.(0, chars) ?? value)
    const header = `${fields},"error":${kept}}\n`
    if (sizeOf(header) <= room) return header
  }
  return ''
}
