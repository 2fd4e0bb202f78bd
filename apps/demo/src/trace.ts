import type { JobSpec, Priority } from '@isobar/core'
import { toMarkedAddress } from './address-mark.ts'
import { type Fate, fateOf, foresee } from './fate.ts'
import { CAMPAIGNS, SUPPRESSED_SIZE, suppressedAddress } from './fixtures.ts'
import { incomingEmail, sendEmail } from './jobs.ts'
import type { Ledger } from './ledger.ts'
import { type QueueName, toQueue } from './queues.ts'
import { createRandom, type Random } from './random.ts'
import { makeRawMessage } from './raw-message.ts'
import { toOfficeJob } from './trace-office.ts'

/** Jobs of a trace. */
export const DEFAULT_JOBS = 10_000

/** What a trace is made from. */
export const DEFAULT_SEED = 1

/** One job of a trace. */
export interface TraceJob {
  readonly id: string
  readonly name: string
  readonly queue: QueueName
  readonly priority: Priority
  readonly data: unknown
}

/** A series of jobs that is the same for the same seed. Each is made when it is asked for; the trace holds none. */
export interface Trace {
  readonly jobs: number
  /** Follow-ups that the jobs enqueue. */
  readonly followUps: number
  /** What must become of them, if all are run to their end. */
  readonly expected: Ledger
  /** What the job at an index is. */
  fateOf(index: number): Fate
  /** The job at an index, past the end of the trace too; with another fate than its own where one is given. */
  at(index: number, fate?: Fate): TraceJob
}

/**
 * A trace of mixed jobs: 40 % incoming, 40 % sending, 8 % bounces, 4 % webhooks, 3 % warm-ups, 2 % each figures of a day and
 * invoices, 1 % imports, at mixed priorities; some are put off, a few are poison.
 */
export function createTrace({
  jobs = DEFAULT_JOBS,
  seed = DEFAULT_SEED,
}: {
  readonly jobs?: number
  readonly seed?: number
} = {}): Trace {
  const ofIndex = (index: number): Fate => fateOf(seed, index)
  const at = (index: number, fate: Fate = ofIndex(index)) => toJob(fate, createRandom(seed + 1, index), index)
  return { jobs, fateOf: ofIndex, at, ...foresee(seed, jobs) }
}

/** A job of the trace as brokers take it: as an outside producer would send it, its data unchecked. */
export function toJobSpec({ id, name, queue, priority, data }: TraceJob): JobSpec {
  return { id, name, queue, priority, text: JSON.stringify(data), delayMs: 0 }
}

/** The place in the trace of a job with this id; undefined for one that another job has enqueued. */
export function toIndex(id: string): number | undefined {
  const [, digits] = /^job-(\d{6,})$/.exec(id) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** The address of the job at an index that the recipient's server puts off. */
export function toBusyAddress(fate: Extract<Fate, { kind: 'busy' }>, index: number): string {
  return toMarkedAddress(fate, `r${index}`)
}

function toJob(fate: Fate, random: Random, index: number): TraceJob {
  const id = `job-${String(index).padStart(6, '0')}`
  const priority = random.pick<Priority>(['high', 'normal', 'normal', 'normal', 'low'])
  const office = toOfficeJob(fate, random, index)
  if (office) return { id, priority: 'normal', ...office }
  if (fate.kind === 'incoming' || fate.kind === 'invalid' || fate.kind === 'unknown') {
    const data = toIncoming(random, id)
    const name = fate.kind === 'unknown' ? 'email.archive' : incomingEmail.name
    const queue = toQueue('email:processing', priority)
    return {
      id,
      name,
      queue,
      priority,
      data: fate.kind === 'invalid' ? { ...data, from: 'nobody', raw: undefined } : data,
    }
  }
  return {
    id,
    name: sendEmail.name,
    queue: toQueue('email-sending', priority),
    priority,
    data: toSending(fate, random, index),
  }
}

function toIncoming(random: Random, id: string) {
  const { from, to, raw } = makeRawMessage(random, id)
  const type = random.pick(['new', 'reply', 'auto-reply'])
  const many = random.next() < 0.2
  return {
    tenant: 'acme',
    account: `desk-${random.between(1, 40)}`,
    direction: 'inbound',
    type,
    from,
    to: many ? [to, 'archive@acme.example'] : to,
    raw,
  }
}

function toSending(fate: Fate, random: Random, index: number) {
  const campaign = random.pick(CAMPAIGNS)
  const values = {
    name: random.pick(['Ada', 'Jörg', 'Zoë', 'Renée', 'Marek <b>', '山田']),
    offer: random.pick(['20 % auf Rosen', 'Basic & Plus', 'the garden guide']),
    until: random.pick(['31 March', '1 April']),
  }
  const address = toAddress(fate, random, index)
  return {
    tenant: campaign.tenant,
    campaign: campaign.id,
    recipient: `recipient-${index}`,
    template: campaign.id,
    personalisations: { address, values },
  }
}

function toAddress(fate: Fate, random: Random, index: number): string {
  if (fate.kind === 'suppressed') return suppressedAddress(random.between(0, SUPPRESSED_SIZE - 1))
  if (fate.kind === 'busy') return toBusyAddress(fate, index)
  if (fate.kind === 'down') return toMarkedAddress({ kind: 'down' }, `r${index}`)
  return toMarkedAddress({ kind: fate.kind === 'rejected' ? 'gone' : 'open' }, `r${index}`)
}
