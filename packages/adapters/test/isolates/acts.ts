import { defineJob } from '@isobar/core'

/** What a job does, once it has said `started` and its name. */
export interface Act {
  readonly name: string
  /** Waits so long. */
  readonly ms?: number
  /** `wait`: until it is aborted. `loop`: for ever, whatever happens. */
  readonly until?: 'wait' | 'loop'
}

/** The job type. */
export const act = defineJob<Act>({ name: 'act', queue: 'act', timeout: '1m' })
