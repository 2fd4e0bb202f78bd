import {
  type App,
  type DeadReason,
  type HookEvents,
  type JobSpec,
  OptionError,
  type Outcome,
  type Sender,
} from '@isobar/core'
import type { AnyQueue } from './bindings.ts'
import { DEAD_MARK, toDeadMessage } from './dead-message.ts'
import type { QueueDelivery } from './delivery.ts'
import { MAX_BATCH_MESSAGES, MAX_DELAY_MS, toDelaySeconds } from './limits.ts'
import { type SentSpec, whenNotOverloaded } from './sender.ts'

/** How long a message waits whose outcome could not be carried out, in ms: at first, doubled with each delivery, at most. */
export const UNSETTLED_DELAY_MS = 30_000
export const MAX_UNSETTLED_DELAY_MS = 3_600_000

/** Codes of errors with which follow-ups are refused for good: trying again would change nothing. */
const FOR_GOOD: readonly unknown[] = ['UNSUPPORTED', 'OPTION', 'PAYLOAD_TOO_LARGE']

/** Reasons of death of jobs whose last attempt never began. */
const NEVER_BEGAN: readonly DeadReason[] = ['invalid', 'unreadable', 'oversized', 'unknown']

/** What settling works with. */
export interface SettleHost {
  readonly app: Pick<App, 'emit'>
  readonly sender: Sender
  readonly deadLetter: AnyQueue
  /** Whether a job can be sent to the queue it came from: its binding is known. */
  canSendTo(queue: string): boolean
}

/**
 * Carries out an outcome: what goes elsewhere (follow-ups, a dead letter, the job itself put back) is sent first, then the
 * message is acked. Never rejects: what fails makes the message come again, and costs it a delivery.
 */
export async function settle(delivery: QueueDelivery, outcome: Outcome, host: SettleHost): Promise<void> {
  const { token: message, job } = delivery
  try {
    switch (outcome.kind) {
      case 'ack':
        await sendFollowUps(delivery, outcome.enqueue ?? [], host.sender)
        return message.ack()
      case 'retry':
        if (outcome.crashed && (await sendAnew(delivery, { ...outcome, failures: job.attempt, crashes: 1 }, host)))
          return
        return message.retry({ delaySeconds: toDelaySeconds(outcome.delayMs) })
      case 'release': {
        const { delayMs = 0, suspect } = outcome
        if (await sendAnew(delivery, { delayMs, failures: job.attempt - 1, crashes: suspect ? 1 : 0 }, host)) return
        return message.retry({ delaySeconds: toDelaySeconds(delayMs) })
      }
      case 'dead':
        await bury(delivery, outcome, host)
        return message.ack()
    }
  } catch (error) {
    if (outcome.kind === 'ack' && isForGood(error))
      return settle(delivery, { kind: 'dead', reason: 'unrecoverable', error }, host)
    const delayMs = Math.min(UNSETTLED_DELAY_MS * 2 ** (message.attempts - 1), MAX_UNSETTLED_DELAY_MS)
    message.retry({ delaySeconds: toDelaySeconds(delayMs) })
    host.app.emit('brokerError', { workerId: job.queue, action: 'settle', error })
  }
}

/** With ids by job and position, so that who receives them can tell a repeat. */
async function sendFollowUps({ job }: QueueDelivery, enqueue: readonly JobSpec[], sender: Sender): Promise<void> {
  const specs = enqueue.map((spec, at) => (spec.id === undefined ? { ...spec, id: `${job.id}:${at}` } : spec))
  for (let at = 0; at < specs.length; at += MAX_BATCH_MESSAGES)
    await sender.send(specs.slice(at, at + MAX_BATCH_MESSAGES))
}

/**
 * Puts a job back by sending it anew with its counts, and acks its message: `retry` would cost it an attempt, as the
 * platform counts deliveries and nothing else. False where that cannot be done.
 */
async function sendAnew(
  { token, job }: QueueDelivery,
  { delayMs, failures, crashes }: { readonly delayMs: number; readonly failures: number; readonly crashes: number },
  { sender, canSendTo }: SettleHost,
): Promise<boolean> {
  if (!canSendTo(job.queue) || !('text' in job.payload)) return false
  const { id, name, queue, priority, enqueuedAt, dueAt, tenant, redrives } = job
  const spec: SentSpec = {
    ...{ id, name, queue, priority, enqueuedAt, dueAt, failures },
    delayMs: Math.min(delayMs, MAX_DELAY_MS),
    text: job.payload.text,
    crashes: job.crashes + crashes,
    ...(tenant !== undefined && { tenant }),
    ...(redrives !== undefined && { redrives }),
  }
  try {
    await sender.send([spec])
  } catch {
    return false
  }
  token.ack()
  return true
}

async function bury(
  { token, job }: QueueDelivery,
  { reason, error }: Extract<Outcome, { kind: 'dead' }>,
  { app, deadLetter }: SettleHost,
): Promise<void> {
  // It would go round for ever.
  if (isDeadLetter(job)) throw new OptionError('these are dead letters; name a consumer for their queue in consumers')
  const attempts = NEVER_BEGAN.includes(reason) ? job.attempt - 1 : job.attempt
  const { redrives = 0 } = job
  const { body, contentType } = toDeadMessage({
    ...{ job, body: token.body, reason, error, attempts, redrives },
    diedAt: Date.now(),
  })
  await whenNotOverloaded(`the dead letter of job ${job.name} (id ${job.id})`, () =>
    deadLetter.send(body, { contentType }),
  )
  const event: HookEvents['dead'] = { job, error, reason }
  app.emit('dead', event)
}

function isDeadLetter({ payload }: QueueDelivery['job']): boolean {
  return 'bytes' in payload && new TextDecoder().decode(payload.bytes.subarray(0, DEAD_MARK.length)) === DEAD_MARK
}

function isForGood(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FOR_GOOD.includes(error.code)
}
