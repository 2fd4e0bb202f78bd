import type { Broker, Lost } from '../broker.ts'
import type { Clock, Timer } from '../clock.ts'
import { IsobarError } from '../errors.ts'
import type { Held } from './held.ts'

/** How many heartbeats fit into a lease: two may fail before it ends. */
const BEATS_PER_LEASE = 3

/** What a heartbeat works on. */
export interface HeartbeatOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly leaseMs: number
  /** What to keep, asked at each beat. */
  readonly held: () => readonly Held[]
  readonly onLost: (lost: readonly Lost[]) => void
  readonly onError: (error: unknown) => void
}

/**
 * Extends the leases of what a worker holds, three times a lease, one beat at a time. A beat that is not answered for a
 * whole lease is an error, and the next one follows: a call that hangs must not end the heartbeats of all jobs to come.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  /** Of the next beat; during a beat, of its end. */
  #timer: Timer
  #stopped = false
  #lastAt: number
  #last: number

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#lastAt = options.clock.now()
    this.#last = options.clock.monotonic()
    this.#schedule()
  }

  /** When the last beat succeeded, ms since the epoch. */
  get lastAt(): number {
    return this.#lastAt
  }

  /** Whether a beat has succeeded within the last lease. */
  get healthy(): boolean {
    return this.#options.clock.monotonic() - this.#last <= this.#options.leaseMs
  }

  /** Ends it. A beat on its way still reports what it learns. */
  stop(): void {
    this.#stopped = true
    this.#options.clock.clearTimeout(this.#timer)
  }

  #schedule(): void {
    const { clock, leaseMs } = this.#options
    if (!this.#stopped) this.#timer = clock.setTimeout(() => this.#beat(), leaseMs / BEATS_PER_LEASE)
  }

  #beat(): void {
    const { broker, clock, leaseMs, onError } = this.#options
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      clock.clearTimeout(this.#timer)
      this.#schedule()
    }
    this.#timer = clock.setTimeout(() => {
      onError(
        new IsobarError(
          'BROKER_SILENT',
          `broker ${broker.name} has not answered a heartbeat for ${leaseMs} ms, and its leases may be over; see that its calls time out`,
        ),
      )
      end()
    }, leaseMs)
    void this.#extend().then(end)
  }

  async #extend(): Promise<void> {
    const { broker, clock, leaseMs, held, onLost, onError } = this.#options
    try {
      const all = held()
      for (let at = 0; broker.can.extend && at < all.length; at += broker.can.maxBatch) {
        const batch = all.slice(at, at + broker.can.maxBatch)
        const leaseEnds = clock.monotonic() + leaseMs
        const lost = await broker.extend(
          batch.map(({ delivery }) => delivery),
          leaseMs,
        )
        for (const one of batch) one.leaseEnds = Math.max(one.leaseEnds, leaseEnds)
        if (lost.length > 0) onLost(lost)
      }
      this.#lastAt = clock.now()
      this.#last = clock.monotonic()
    } catch (error) {
      onError(error)
    }
  }
}
