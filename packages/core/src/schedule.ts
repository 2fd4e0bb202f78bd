import type { AnyJobType } from './job.ts'

/** How a schedule enqueues its jobs. */
export interface ScheduleOptions<Input = unknown> {
  /** Data of each job. Needed where its type has any. */
  readonly data?: Input
  /** IANA time zone in which the expression is read. Default UTC. */
  readonly timezone?: string
  /** Unique in an app. Default: the job type's name. */
  readonly name?: string
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
}
