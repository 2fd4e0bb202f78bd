import { sendEmail } from './jobs.ts'
import { type Ledger, LedgerKeeper } from './ledger.ts'
import { WARM_UP_TYPES, type WarmUpType } from './office.ts'
import { WARM_UP_PLANS } from './office-fixtures.ts'
import { createRandom, type Random } from './random.ts'

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

/** What the job at an index of a trace is. */
export function fateOf(seed: number, index: number): Fate {
  return POISON.get(index % POISON_EVERY) ?? toFate(createRandom(seed, index))
}

/** What must become of the first jobs of a trace, and of those that they enqueue, if all are run to their end. */
export function foresee(seed: number, jobs: number): { readonly followUps: number; readonly expected: Ledger } {
  const ledger = new LedgerKeeper()
  let followUps = 0
  for (let index = 0; index < jobs; index++) {
    const fate = fateOf(seed, index)
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
