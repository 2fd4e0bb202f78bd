import {
  type Capabilities,
  type Enqueued,
  IsobarError,
  type JobSpec,
  type JobStatus,
  PayloadTooLargeError,
  type Sender,
  UnsupportedError,
} from '@isobar/core'
import { encodeEnvelope } from '@isobar/core/codec'
import { assertCan } from '@isobar/core/producer'
import { type AnyQueue, type QueueBindings, toBinding } from './bindings.ts'
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_BODY_BYTES,
  MAX_DATA_BYTES,
  MAX_DELAY_MS,
  METADATA_BYTES,
  toDelaySeconds,
} from './limits.ts'

/** Times that an overloaded queue is asked, the first included. */
export const SEND_ATTEMPTS = 5

/** How long an overloaded queue is left alone before it is asked again, at most, in ms: doubled each time. */
export const OVERLOAD_BASE_MS = 100

/** How long a queue may take to answer, in ms: then it counts as failed, whatever becomes of it. */
export const SEND_LIMIT_MS = 20_000

/** What this broker can do, and what it cannot. */
export const CAN: Capabilities = {
  delay: true,
  priority: 'lanes',
  release: 'charged',
  dedupe: false,
  extend: false,
  atomicEnqueue: false,
  deadLetter: true,
  stats: false,
  lookup: false,
  pause: false,
  progress: false,
  maxBatch: MAX_BATCH_MESSAGES,
  maxBytes: MAX_DATA_BYTES,
  maxDelayMs: MAX_DELAY_MS,
}

/** A job with what it has been through: to be sent anew. */
export interface SentSpec extends JobSpec {
  /** Failures that were charged. Default 0. */
  readonly failures?: number
  /** Default 0. */
  readonly crashes?: number
  /** Default 0. */
  readonly redrives?: number
  /** Ms since the epoch. Default: now. */
  readonly enqueuedAt?: number
  /** Ms since the epoch. Default: when its delay is over. */
  readonly dueAt?: number
}

interface Message {
  readonly body: string
  readonly bytes: number
  readonly delaySeconds: number
}

/** The producer bindings of a Worker as a sender. */
class QueueSender<Env> implements Sender {
  readonly name = 'cloudflare'
  readonly can: Capabilities = CAN
  readonly #queues: QueueBindings<Env>
  readonly #env: Env

  constructor(queues: QueueBindings<Env>, env: Env) {
    this.#queues = queues
    this.#env = env
  }

  async send(specs: readonly SentSpec[], options: { readonly tx?: unknown } = {}): Promise<readonly Enqueued[]> {
    if (options.tx !== undefined) throw new UnsupportedError(this.name, 'enqueue in a transaction')
    const answers: Enqueued[] = []
    const byQueue = new Map<AnyQueue, Message[]>()
    for (const spec of specs) {
      assertCan(this, spec)
      const binding = toBinding(this.#queues, this.#env, spec.queue, spec.priority)
      const id = spec.id ?? crypto.randomUUID()
      const messages = byQueue.get(binding) ?? []
      messages.push(toMessage(spec, id))
      byQueue.set(binding, messages)
      answers.push({ id, duplicate: false })
    }
    for (const [queue, messages] of byQueue) {
      const bodies = messages.map(({ body, delaySeconds }) => ({ body, delaySeconds, contentType: 'text' as const }))
      for (const [from, to] of toChunks(messages)) {
        const what = `${to - from} jobs ${specs[0]?.name}`
        await whenNotOverloaded(what, () => queue.sendBatch(bodies.slice(from, to)))
      }
    }
    return answers
  }

  get(): Promise<JobStatus | undefined> {
    return this.cancel() as Promise<never>
  }

  cancel(): Promise<boolean> {
    return Promise.reject(new UnsupportedError(this.name, 'look up or cancel a job'))
  }
}

/**
 * The producer bindings of a Worker as a sender, for `createProducer` and for follow-up jobs. Nothing is looked at until
 * a job is sent.
 *
 * @example
 * const jobs = createProducer(toSender<Env>({ email: 'EMAIL' }, env))
 * await jobs.enqueue(sendEmail, { to: 'ann@example.org' }, { delay: '5m' })
 */
export function toSender<Env>(queues: QueueBindings<Env>, env: Env): Sender {
  return new QueueSender(queues, env)
}

function toMessage(spec: SentSpec, id: string): Message {
  const { name, delayMs } = spec
  const enqueuedAt = spec.enqueuedAt ?? Date.now()
  const body = encodeEnvelope({ ...spec, id, enqueuedAt, dueAt: spec.dueAt ?? enqueuedAt + delayMs })
  const bytes = new TextEncoder().encode(body).byteLength
  // Told here with the job's name: the platform's answer is "Unknown Internal Error" for the whole batch.
  // What is sent anew was within the limit, and its counts take a few bytes more.
  if (bytes > MAX_BODY_BYTES && spec.dueAt === undefined) throw new PayloadTooLargeError(name, bytes, MAX_BODY_BYTES)
  return { body, bytes, delaySeconds: toDelaySeconds(delayMs) }
}

/** Where to cut, so that no call has too many messages or bytes. */
function toChunks(messages: readonly Message[]): [from: number, to: number][] {
  const chunks: [number, number][] = []
  let from = 0
  let size = 0
  for (const [at, { bytes }] of messages.entries()) {
    const full = bytes + METADATA_BYTES
    if (size + full > MAX_BATCH_BYTES || at - from === MAX_BATCH_MESSAGES) {
      chunks.push([from, at])
      from = at
      size = 0
    }
    size += full
  }
  if (from < messages.length) chunks.push([from, messages.length])
  return chunks
}

/** Sends, a few times over when the queue is overloaded. Anything else that fails, fails at once. */
export async function whenNotOverloaded(what: string, send: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await within(SEND_LIMIT_MS, send())
    } catch (cause) {
      if (attempt < SEND_ATTEMPTS && isOverloaded(cause)) {
        const ms = OVERLOAD_BASE_MS * 2 ** attempt * Math.random()
        await new Promise((resolve) => setTimeout(resolve, ms))
        continue
      }
      throw new IsobarError('QUEUE_SEND', `could not send ${what}; see cause`, { cause })
    }
  }
}

/** The promise, or an error when it takes longer. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function isOverloaded(error: unknown): boolean {
  return /overload|back off|too many requests|internal error|disconnected/i.test(String(error))
}
