import type { AnyJobType } from './job.ts'

/**
 * What becomes of the ticks at which no scheduler ran, or the broker was away.
 * - `skip`: they are gone.
 * - `once`: the newest of them is enqueued.
 * - `all`: each of them is enqueued, in order, the newest 100 at most.
 */
export type MissedTicks = 'skip' | 'once' | 'all'

/** How a schedule enqueues its jobs. */
export interface ScheduleOptions<Input = unknown> {
  /** Data of each job. Needed where its type has any. */
  readonly data?: Input
  /** IANA time zone in which the expression is read. Default UTC. */
  readonly timezone?: string
  /** Unique in an app. Default: the job type's name. */
  readonly name?: string
  /**
   * What becomes of ticks that were missed. A schedule that is new, or has a new expression, has missed none. Default
   * `skip`; the others need a broker that keeps a record (`broker.ticks`).
   */
  readonly missed?: MissedTicks
}

/** The options of a call to `schedule`; they can be left out where the job type has no data. */
export type ScheduleArgs<Input> = [Input] extends [null]
  ? [options?: ScheduleOptions<Input>]
  : [options: ScheduleOptions<Input> & { readonly data: Input }]

/** A cron expression with the job it enqueues. */
export interface Schedule {
  readonly name: string
  readonly type: AnyJobType
  readonly cron: string
  readonly timezone: string
  readonly data: unknown
  readonly missed: MissedTicks
}
