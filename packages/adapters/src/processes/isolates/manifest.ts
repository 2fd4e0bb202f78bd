import type { AnyJobType, App, BackoffData, JobSpec, MissedTicks, Schedule } from '@isobar/core'
import { toSpec } from '@isobar/core/producer'
import { DEFAULT_BACKOFF } from '@isobar/core/worker'

/** What a supervisor has to know of a job type. */
export interface ManifestJob {
  readonly name: string
  readonly queue: string
  /** In ms; false for no limit. */
  readonly timeoutMs: number | false
  readonly attempts: number
  /** A backoff that is a function stays in the isolate: after a crash the default one is used. */
  readonly backoff: BackoffData
}

/** A schedule with the job that it enqueues, its data checked and encoded. */
export interface ManifestSchedule {
  readonly name: string
  readonly cron: string
  readonly timezone: string
  readonly missed: MissedTicks
  readonly spec: JobSpec
}

/** What an isolate says of its app when it is ready: plain data. */
export interface Manifest {
  readonly jobs: readonly ManifestJob[]
  readonly queues: readonly string[]
  readonly schedules: readonly ManifestSchedule[]
  /** How long an aborted handler has before its run is given up, in ms. */
  readonly graceMs: number
}

/**
 * The manifest of an app.
 * @throws {InvalidDataError | PayloadTooLargeError} when the data of a schedule is refused.
 */
export async function toManifest(app: App): Promise<Manifest> {
  const { jobTypes, queues, graceMs, schedules } = app
  return {
    jobs: jobTypes.map(({ name, queue, timeoutMs, retry: { attempts, backoff } }) => ({
      name,
      queue,
      timeoutMs,
      attempts,
      backoff: typeof backoff === 'function' ? DEFAULT_BACKOFF : backoff,
    })),
    queues,
    graceMs,
    schedules: await Promise.all(
      schedules.map(async ({ name, type, cron, timezone, missed, data }) => ({
        name,
        cron,
        timezone,
        missed,
        spec: await toSpec(type, data),
      })),
    ),
  }
}

/** A schedule of a manifest, for the scheduler of a supervisor, which has no schemas: its data was checked when the app was loaded. */
export function fromManifestSchedule({ spec, ...schedule }: ManifestSchedule): Schedule {
  const { name, queue, priority, text } = spec
  const type = { name, queue, priority, maxBytes: text.length * 4, dedupe: spec.dedupe ?? { mode: 'alive' } }
  return { ...schedule, type: type as AnyJobType, data: JSON.parse(text) }
}
