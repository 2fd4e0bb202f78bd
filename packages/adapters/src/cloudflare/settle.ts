import { type App, type JobSpec, OptionError, type Outcome, type Sender } from '@isobar/core'
import type { AnyQueue } from './bindings.ts'
import { beginningOf } from './body.ts'
import { DEAD_MARK, toDeadMessage } from './dead-message.ts'
import type { QueueDelivery } from './delivery.ts'
import { MAX_DELAY_MS, toDelaySeconds } from './limits.ts'
import { type SentSpec, whenNotOverloaded } from './sender.ts'

/** How long a message waits whose outcome could not be carried out, in ms: at first, doubled with each delivery, at most. */
export const UNSETTLED_DELAY_MS = 30_000
export const MAX_UNSETTLED_DELAY_MS = 3_600_000

/** Codes of errors with which follow-ups are refused for good: trying again would change nothing. */
const FOR_GOOD: readonly unknown[] = ['UNSUPPORTED', 'OPTION', 'PAYLOAD_TOO_LARGE']

/** Reasons of death of jobs whose last attempt never began. */
const NEVER_BEGAN = /^(invalid|unreadable|oversized|unknown)$/

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
  if (specs.length > 0) await sender.send(specs)
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
  const { payload, attempt: _, ...kept } = job
  const spec: SentSpec = {
    ...{ ...kept, text: payload.text, failures, crashes: job.crashes + crashes },
    delayMs: Math.min(delayMs, MAX_DELAY_MS),
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
  if (isDeadLetter(job)) throw new OptionError('dead letters need their own consumer')
  const attempts = NEVER_BEGAN.test(reason) ? job.attempt - 1 : job.attempt
  const { redrives = 0 } = job
  const { body, contentType } = toDeadMessage({
    ...{ job, body: token.body, reason, error, attempts, redrives },
    diedAt: Date.now(),
  })
  await whenNotOverloaded(`the dead letter of job ${job.id}`, () => deadLetter.send(body, { contentType }))
  app.emit('dead', { job, error, reason })
}

function isDeadLetter({ payload }: QueueDelivery['job']): boolean {
  return 'bytes' in payload && beginningOf(payload.bytes).startsWith(DEAD_MARK)
}

function isForGood(error: unknown): boolean {
  return FOR_GOOD.includes((error as { readonly code?: unknown } | undefined)?.code)
}
