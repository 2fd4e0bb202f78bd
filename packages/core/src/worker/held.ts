import type { Delivery, Outcome } from '../broker.ts'
import type { Running } from '../executor.ts'

/**
 * A delivery that a worker holds: *buffered* until a slot is free, *running*, then *settling* until its outcome is
 * *reporting*, and gone when the broker has confirmed; where the broker fails it is settling again. `lost` as soon as
 * the broker says that it is no longer ours; its outcome is then thrown away.
 */
export interface Held {
  readonly delivery: Delivery
  state: 'buffered' | 'running' | 'settling' | 'reporting'
  lost: boolean
  /** Until when it is ours for all we know, on the monotonic clock: no step of the wall clock, here or there, moves it. */
  leaseEnds: number
  /** Only while it runs: what a run holds is not kept until its outcome is reported. */
  running: Running | undefined
  /** Keeps its progress. Made when first told of any. */
  progress: ((value: unknown) => void) | undefined
  /** When its handler started, ms since the epoch; undefined when it never did. */
  startedAt: number | undefined
  endedAt: number
  outcome: Outcome | undefined
  /** Its follow-ups are with the broker: an ack that has to be repeated sends them no more. */
  followUpsSent: boolean
}

/** A delivery that has just come in. */
export function toHeld(delivery: Delivery, leaseEnds: number): Held {
  return {
    delivery,
    state: 'buffered',
    lost: false,
    leaseEnds,
    running: undefined,
    progress: undefined,
    startedAt: undefined,
    endedAt: 0,
    outcome: undefined,
    followUpsSent: false,
  }
}
