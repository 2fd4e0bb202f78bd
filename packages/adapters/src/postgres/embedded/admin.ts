import type { Broker, Capabilities, Sender } from '@isobar/core'

/**
 * What can be asked of an engine from outside of its process: what a producer needs, and what an operator does. No part
 * of it is a worker's.
 */
export interface Admin extends Sender, Pick<Broker, 'stats' | 'pause' | 'resume' | 'deadLetters'> {
  /** The names of all queues that hold jobs or are paused. */
  queues(): Promise<readonly string[]>
  /** Brings the tables up to date; answers the versions before and after. */
  migrate(): Promise<{ readonly from: number; readonly to: number }>
}

/** What an engine says of itself. */
export interface Introduction {
  /** Of the package in the process that has the engine open. */
  readonly version: string
  readonly pid: number
  readonly name: string
  readonly can: Capabilities
}
