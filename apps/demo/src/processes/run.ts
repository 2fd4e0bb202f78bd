import type { JobSpec } from '@isobar/core'
import type { LedgerCounts } from '../ledger.ts'

/** Jobs of a run that has no end: traffic for a platform that is served, of which no ledger is foreseen. */
export const ENDLESS = 2_147_483_647

/** What somebody who starts the demo asks for. */
export interface WantedRun {
  /** Jobs of the trace; undefined: those of the run that is gone on with, else the default. */
  readonly jobs?: number | undefined
  /** The trace's seed, likewise. */
  readonly seed?: number | undefined
  /** Whether to begin a new run, also when the one before is not complete. */
  readonly fresh: boolean
}

/** A job that has not come to an end. */
export interface OpenJob {
  readonly id: string
  readonly attempt: number
  /** Whether it waits for its time: a retry's delay, or the end of a lease that a dead worker had. */
  readonly waits: boolean
}

/** How far a run has come. */
export interface Progress {
  /** Jobs of the trace that were enqueued. */
  readonly fed: number
  readonly counts: LedgerCounts
  /** Jobs that lost their worker or their lease and were handed out again, and how often that happened in all. */
  readonly crashed: { readonly jobs: number; readonly times: number }
  readonly open: readonly OpenJob[]
}

/** A run of a trace, and what its engine remembers of it. */
export interface Run {
  readonly jobs: number
  readonly seed: number
  /** Times that a process has worked on it, this one included. */
  readonly starts: number
  /** How far it had come when it was opened. */
  readonly from: Progress
  /** Enqueues jobs and remembers that the trace was fed so far: both or neither. */
  feed(specs: readonly JobSpec[], fed: number): Promise<void>
  /** How far it has come, as the engine knows it. Absent where nothing outlives the process that watches. */
  read?(): Promise<Progress>
}
