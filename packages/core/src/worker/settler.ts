import type { Broker, Delivery, JobSpec, Lost, Settlement } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { backOff } from './backoff.ts'
import type { Held } from './held.ts'

/** Outcomes that may wait to be reported: with more of them a worker takes no more jobs. */
export const MAX_UNSETTLED = 2_000

/** Codes of errors with which a broker refuses follow-ups for good: trying again would change nothing. */
const FOR_GOOD: readonly unknown[] = ['UNSUPPORTED', 'OPTION', 'PAYLOAD_TOO_LARGE']

/** What a settler works with. */
export interface SettlerOptions {
  readonly broker: Broker
  readonly clock: Clock
  /** The broker has confirmed: it was settled, or had been lost before. Must not throw. */
  readonly onSettled: (held: Held) => void
  /** Must not throw. */
  readonly onError: (error: unknown) => void
}

/**
 * Reports outcomes to the broker in batches: one report is under way at a time, and what ends meanwhile goes with the
 * next. A broker that fails is tried again until it answers or the settler is stopped: what is never reported comes
 * back when its lease ends. A batch that fails is tried again by halves, and one that fails alone goes to the end of the
 * line, so that no outcome holds up the others.
 */
export class Settler {
  readonly #options: SettlerOptions
  readonly #stop = new AbortController()
  #queue: Held[] = []
  #flushing: Promise<void> | undefined

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** Takes a delivery that has its outcome. */
  add(held: Held): void {
    this.#queue.push(held)
    this.#flushing ??= this.#flush()
  }

  /** Resolves when everything added so far, and meanwhile, is reported, or the settler was stopped. */
  async flushed(): Promise<void> {
    while (this.#flushing) await this.#flushing
  }

  /** Gives up what cannot be reported, and answers how many that were. */
  stop(): number {
    this.#stop.abort()
    return this.#queue.length
  }

  async #flush(): Promise<void> {
    // What settles in the same turn goes in one batch.
    await Promise.resolve()
    const { broker, clock, onError } = this.#options
    const { maxBatch } = broker.can
    let size = maxBatch
    let failures = 0
    while (this.#queue.length > 0 && !this.#stop.signal.aborted) {
      const batch = this.#queue.slice(0, size)
      try {
        await this.#report(batch)
        this.#queue = this.#queue.slice(batch.length)
        size = Math.min(size * 2, maxBatch)
        failures = 0
      } catch (error) {
        onError(error)
        if (batch.length === 1) this.#queue = [...this.#queue.slice(1), ...batch]
        size = Math.ceil(batch.length / 2)
        await backOff(clock, ++failures, error, this.#stop.signal)
      }
    }
    // In the same step as the look at the queue: what is added from now on starts another flush.
    this.#flushing = undefined
  }

  async #report(batch: readonly Held[]): Promise<void> {
    const { broker, onSettled } = this.#options
    const ours = batch.filter((held) => !held.lost)
    if (!broker.can.atomicEnqueue) await this.#sendFollowUps(ours.filter(hasToSend))
    const lost = ours.length > 0 ? await this.#settle(ours) : []
    const theirs = new Set<Delivery>(lost.map(({ delivery }) => delivery))
    for (const held of batch) {
      if (theirs.has(held.delivery)) held.lost = true
      onSettled(held)
    }
  }

  async #settle(batch: readonly Held[]): Promise<readonly Lost[]> {
    const { broker } = this.#options
    for (const held of batch) held.state = 'reporting'
    try {
      return await broker.settle(batch.map((held) => toSettlement(held, broker.can.atomicEnqueue)))
    } catch (error) {
      for (const held of batch) held.state = 'settling'
      throw error
    }
  }

  /** Before the ack. A job whose follow-ups the broker refuses for good, asked for it alone, is dead. */
  async #sendFollowUps(batch: readonly Held[]): Promise<void> {
    const { broker } = this.#options
    const { maxBatch, dedupe } = broker.can
    const specs = batch.flatMap((held) => toFollowUps(held, dedupe))
    try {
      for (let at = 0; at < specs.length; at += maxBatch) await broker.send(specs.slice(at, at + maxBatch))
      for (const held of batch) held.followUpsSent = true
    } catch (error) {
      const [alone, ...others] = batch
      if (!alone || others.length > 0 || !isForGood(error)) throw error
      alone.outcome = { kind: 'dead', error, reason: 'unrecoverable' }
    }
  }
}

function hasToSend({ outcome, followUpsSent }: Held): boolean {
  return outcome?.kind === 'ack' && !!outcome.enqueue?.length && !followUpsSent
}

/**
 * With keys by job and position, so that a repeat after a crash adds none. An id can come again once its job is done:
 * the time at which it was enqueued tells the two apart.
 */
function toFollowUps({ delivery: { job }, outcome }: Held, dedupe: boolean): readonly JobSpec[] {
  const specs = (outcome?.kind === 'ack' && outcome.enqueue) || []
  if (!dedupe) return specs
  return specs.map((spec, at) =>
    spec.key === undefined ? { ...spec, key: `${job.id}@${job.enqueuedAt}:${at}` } : spec,
  )
}

function isForGood(error: unknown): boolean {
  return error instanceof Error && 'code' in error && FOR_GOOD.includes(error.code)
}

function toSettlement({ delivery, outcome, startedAt, endedAt }: Held, withFollowUps: boolean): Settlement {
  const reported = outcome ?? { kind: 'release' as const }
  const own = reported.kind === 'ack' && !withFollowUps ? { kind: 'ack' as const, result: reported.result } : reported
  return { delivery, outcome: own, endedAt, startedAt }
}
