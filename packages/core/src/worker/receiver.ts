import type { Broker, Delivery, Want } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { backOff } from './backoff.ts'
import type { Ask } from './intake.ts'

/** How long a receive waits for a first job, in ms. */
const RECEIVE_WAIT_MS = 30_000

/** What a receiver works with. */
export interface ReceiverOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly leaseMs: number
  readonly workerId: string
  /** What to ask for now; undefined: nothing, until it is woken. */
  readonly ask: () => Ask | undefined
  /** Takes what was received, also what comes in after a halt. */
  readonly take: (deliveries: readonly Delivery[]) => void
  readonly onError: (error: unknown) => void
}

/**
 * The loop that asks a broker for jobs, one receive at a time. It is *halted* until it is started, and goes on until it
 * is halted, which ends the receive under way; both can be called at any time. Between two receives it *sleeps* while
 * there is nothing to ask for. A broker that fails is asked again, with backoff.
 */
export class Receiver {
  readonly #options: ReceiverOptions
  #receiving: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  #wake: (() => void) | undefined
  /** Raised whenever it starts or halts: a loop of an earlier turn ends itself. */
  #turn = 0
  /** The queues that the receive under way left out, as they were at their limits. */
  #leftOut: readonly string[] = []

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  /** Resolves when the last receive has ended. */
  get ended(): Promise<void> {
    return this.#loop
  }

  start(): void {
    const turn = ++this.#turn
    this.#loop = this.#loop.then(() => this.#receive(turn))
  }

  halt(): void {
    this.#turn++
    this.#receiving?.abort()
    this.wake()
  }

  /** There may be something to ask for. */
  wake(): void {
    this.#wake?.()
  }

  /** A queue has one job less: a receive that left it out for its limit is made anew. */
  reconsider(queue: string): void {
    if (this.#leftOut.includes(queue)) this.#receiving?.abort()
  }

  async #receive(turn: number): Promise<void> {
    const { broker, clock, leaseMs, workerId, ask, take, onError } = this.#options
    let failures = 0
    while (this.#turn === turn) {
      const asked = ask()
      if (!asked) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      const receiving = new AbortController()
      const { signal } = receiving
      this.#receiving = receiving
      this.#leftOut = asked.leftOut
      try {
        const { queues, max } = asked
        const want: Want = { queues, max, leaseMs, workerId, waitMs: RECEIVE_WAIT_MS, signal }
        take(await broker.receive(want))
        failures = 0
      } catch (error) {
        onError(error)
        await backOff(clock, ++failures, error, signal)
      }
    }
  }
}
