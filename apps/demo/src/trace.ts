import type { JobSpec, Priority } from '@isobar/core'
import { toMarkedAddress } from './address-mark.ts'
import { CAMPAIGNS, SUPPRESSED_SIZE, suppressedAddress } from './fixtures.ts'
import { incomingEmail, sendEmail } from './jobs.ts'
import { type Ledger, LedgerKeeper } from './ledger.ts'
import { WARM_UP_TYPES, type WarmUpType } from './office.ts'
import { WARM_UP_PLANS } from './office-fixtures.ts'
import { type QueueName, toQueue } from './queues.ts'
import { createRandom, type Random } from './random.ts'
import { makeRawMessage } from './raw-message.ts'
import { toOfficeJob } from './trace-office.ts'

/** Jobs of a trace. */
export const DEFAULT_JOBS = 10_000

/** What a trace is made from. */
export const DEFAULT_SEED = 1

/** What a job of the trace is, and so what must become of it. */
export type Fate =
  /** Done at once. */
  | { readonly kind: 'incoming' | 'send' | 'suppressed' | 'bounce' }
  /** Refused for good by the recipient's server: done, and its bounce is enqueued and done. */
  | { readonly kind: 'rejected' }
  /** Put off by the recipient's server so many times, then done. */
  | { readonly kind: 'busy'; readonly times: number }
  /** A step of a warm-up, from which the steps after it follow, so many. */
  | { readonly kind: 'warm-up'; readonly type: WarmUpType; readonly step: number; readonly follow: number }
  /** A customer's endpoint is unavailable so many times, then done. */
  | { readonly kind: 'webhook'; readonly times: number }
  /** Done at once. */
  | { readonly kind: 'analytics' | 'invoice' | 'import' }
  /** Poison: always put off; not what its schema says; a name that nobody handles; a bounce of nothing that was sent. */
  | { readonly kind: 'down' | 'invalid' | 'unknown' | 'stray' }
  /** Poison: an endpoint that is gone; a warm-up of no known type; a file that is not there. */
  | { readonly kind: 'gone' | 'no-warm-up' | 'no-file' }

/** What a handler gives up at once. */
const GIVEN_UP: ReadonlySet<Fate['kind']> = new Set(['stray', 'gone', 'no-warm-up', 'no-file'])

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

/** One poison job of each kind in so many jobs, each at its place. */
const POISON_EVERY = 250
const POISON: ReadonlyMap<number, Fate> = new Map([
  [41, { kind: 'invalid' }],
  [97, { kind: 'unknown' }],
  [149, { kind: 'stray' }],
  [181, { kind: 'gone' }],
  [211, { kind: 'down' }],
  [227, { kind: 'no-warm-up' }],
  [239, { kind: 'no-file' }],
])

/** Parts of a trace. What is left are webhooks. */
const PARTS: readonly (readonly [kind: Exclude<Part, 'webhook'>, share: number])[] = [
  ['incoming', 0.4],
  ['sending', 0.4],
  ['bounce', 0.08],
  ['warm-up', 0.03],
  ['analytics', 0.02],
  ['invoice', 0.02],
  ['import', 0.01],
]

/** A kind of work. */
type Part = 'incoming' | 'sending' | 'bounce' | 'warm-up' | 'analytics' | 'invoice' | 'import' | 'webhook'

/** Of what is sent: put off once, put off twice, suppressed, refused. */
const BUSY_ONCE = 0.04
const BUSY_TWICE = 0.02
const SUPPRESSED = 0.02
const REJECTED = 0.01

/** Of webhooks: unavailable once, unavailable twice. */
const UNAVAILABLE_ONCE = 0.1
const UNAVAILABLE_TWICE = 0.05

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
  const fateOf = (index: number) => POISON.get(index % POISON_EVERY) ?? toFate(createRandom(seed, index))
  const at = (index: number, fate: Fate = fateOf(index)) => toJob(fate, createRandom(seed + 1, index), index)
  return { jobs, fateOf, at, ...foresee(jobs, fateOf) }
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

function toFate(random: Random): Fate {
  const part = toPart(random.next())
  if (part === 'sending') return toSendingFate(random.next())
  if (part === 'webhook') return { kind: part, times: toTimes(random.next(), UNAVAILABLE_ONCE, UNAVAILABLE_TWICE) }
  if (part !== 'warm-up') return { kind: part }
  const type = random.pick(WARM_UP_TYPES)
  const last = (WARM_UP_PLANS[0]?.sequences[type].length ?? 1) - 1
  const step = random.between(0, last)
  return { kind: part, type, step, follow: last - step }
}

function toPart(at: number): Part {
  let end = 0
  for (const [kind, share] of PARTS) {
    end += share
    if (at < end) return kind
  }
  return 'webhook'
}

function toTimes(at: number, once: number, twice: number): number {
  if (at < once) return 1
  return at < once + twice ? 2 : 0
}

function toSendingFate(fate: number): Fate {
  const times = toTimes(fate, BUSY_ONCE, BUSY_TWICE)
  if (times > 0) return { kind: 'busy', times }
  if (fate < BUSY_ONCE + BUSY_TWICE + SUPPRESSED) return { kind: 'suppressed' }
  return fate < BUSY_ONCE + BUSY_TWICE + SUPPRESSED + REJECTED ? { kind: 'rejected' } : { kind: 'send' }
}

function foresee(jobs: number, fateOf: (index: number) => Fate): { followUps: number; expected: Ledger } {
  const ledger = new LedgerKeeper()
  let followUps = 0
  for (let index = 0; index < jobs; index++) {
    const fate = fateOf(index)
    if (fate.kind === 'down') {
      ledger.countRetried(sendEmail.retry.attempts - 1)
      ledger.countDead('exhausted')
    } else if (fate.kind === 'invalid' || fate.kind === 'unknown') ledger.countDead(fate.kind)
    else if (GIVEN_UP.has(fate.kind)) ledger.countDead('unrecoverable')
    else ledger.countDone()
    if (fate.kind === 'busy' || fate.kind === 'webhook') ledger.countRetried(fate.times)
    if (fate.kind === 'warm-up') followUps += fate.follow
    if (fate.kind === 'rejected') followUps++
  }
  ledger.countDone(followUps)
  return { followUps, expected: ledger.toLedger() }
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
