import { type JobSpec, MAX_TRACE, PRIORITIES, type Priority, type StoredJob } from './broker.ts'
import { byteLength } from './json.ts'

/** The version of the envelope that this code writes, and the newest it reads. */
export const ENVELOPE_VERSION = 1

/** The name given to a job whose message could not be read. */
export const UNREADABLE_NAME = '(unreadable)'

/** What precedes the data, which is always last, so that it can be passed on undecoded. No header field can contain it. */
const DATA_MARK = ',"data":'

/** A job on a wire that carries bytes only. */
export interface EnvelopeJob extends Pick<JobSpec, 'name' | 'queue' | 'priority' | 'text' | 'tenant' | 'trace'> {
  readonly id: string
  /** Ms since the epoch. */
  readonly enqueuedAt: number
  /** Ms since the epoch. */
  readonly dueAt: number
  /** Failures that were charged before this message: for brokers that put a job back by sending it anew. Default 0. */
  readonly failures?: number
  /** Crashes before this message. Default 0. */
  readonly crashes?: number
  /** How often it was redriven from the dead letters. Default 0. */
  readonly redrives?: number
}

/** A job as its envelope has it. */
export interface DecodedJob extends StoredJob {
  /** How often it was redriven from the dead letters. */
  readonly redrives?: number
}

/** What is known of a message from outside its body, used where the body does not say. */
export interface MessageFacts {
  readonly id: string
  readonly queue: string
  /** Charged failures of this message + 1, as the broker counts. */
  readonly attempt: number
  /** Crashes of this message, as the broker counts. */
  readonly crashes: number
  /** When the broker took it, ms since the epoch. */
  readonly enqueuedAt: number
  /** Larger bodies are not read. */
  readonly maxBytes: number
}

/** The envelope of a job as text: one JSON object, `data` last. */
export function encodeEnvelope({ text, ...job }: EnvelopeJob): string {
  const { id, name, queue, priority, enqueuedAt, dueAt, tenant, trace, failures, crashes, redrives } = job
  const header = JSON.stringify({
    isobar: ENVELOPE_VERSION,
    ...{ id, name, queue, priority, enqueuedAt, dueAt, tenant, trace },
    ...{ failures: failures || undefined, crashes: crashes || undefined, redrives: redrives || undefined },
  })
  return `${header.slice(0, -1)}${DATA_MARK}${text}}`
}

/**
 * The job in an envelope. Never throws: what cannot be read becomes a job that holds the bytes and says why, and ends
 * in the dead letters.
 */
export function decodeEnvelope(body: string | Uint8Array, facts: MessageFacts): DecodedJob {
  const { maxBytes, ...known } = facts
  const unreadable = (problem: string, oversized = false): StoredJob => ({
    ...known,
    name: UNREADABLE_NAME,
    priority: 'normal',
    dueAt: known.enqueuedAt,
    payload: { bytes: toBytes(body), problem, ...(oversized && { oversized }) },
  })
  const size = typeof body === 'string' ? byteLength(body) : body.byteLength
  if (size > maxBytes) return unreadable(`it has ${size} bytes, over the limit of ${maxBytes}`, true)
  try {
    const text =
      typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
    const mark = text.indexOf(DATA_MARK)
    if (mark < 0 || !text.endsWith('}')) return unreadable('it is not an envelope of isobar')
    const header: unknown = JSON.parse(`${text.slice(0, mark)}}`)
    const problem = whatIsWrong(header)
    if (problem !== undefined) return unreadable(problem)
    const { id, name, queue, priority, enqueuedAt, dueAt, tenant, trace, failures, crashes, redrives } =
      header as EnvelopeJob
    return {
      ...{ id, name, queue, priority, enqueuedAt, dueAt },
      attempt: known.attempt + (failures ?? 0),
      crashes: known.crashes + (crashes ?? 0),
      ...(redrives !== undefined && { redrives }),
      ...(tenant !== undefined && { tenant }),
      ...(trace !== undefined && { trace }),
      payload: { text: text.slice(mark + DATA_MARK.length, -1) },
    }
  } catch {
    return unreadable('it is not an envelope of isobar')
  }
}

function whatIsWrong(header: unknown): string | undefined {
  const { isobar, id, name, queue, priority, enqueuedAt, dueAt, tenant, trace, ...counts } = (header ?? {}) as Record<
    string,
    unknown
  >
  if (typeof isobar !== 'number') return 'it is not an envelope of isobar'
  if (isobar !== ENVELOPE_VERSION)
    return `its envelope has version ${isobar}, and this isobar reads version ${ENVELOPE_VERSION}`
  const strings =
    typeof id === 'string' &&
    typeof name === 'string' &&
    typeof queue === 'string' &&
    [tenant, trace].every((text) => text === undefined || typeof text === 'string')
  const numbers = [enqueuedAt, dueAt].every(Number.isFinite) && COUNTS.every((name) => isCount(counts[name]))
  return strings && numbers && PRIORITIES.includes(priority as Priority)
    ? undefined
    : 'a field of its envelope has the wrong type'
}

const COUNTS = ['failures', 'crashes', 'redrives'] as const

function isCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)
}

function toBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? new TextEncoder().encode(body) : body
}

export { toJsonText } from './json-text.ts'
export { reviveError, type SerializedError, serializeError } from './serialized-error.ts'
export { MAX_TRACE, PRIORITIES }
