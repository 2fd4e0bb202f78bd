import type { Hook, HookEvents, HookName } from '@isobar/core'
import type { WorkerHealth } from '@isobar/core/worker'
import { type Attributes, type Meter, metrics } from '@opentelemetry/api'
import { ATTRIBUTE, errorTypeOf, SCOPE, toAttributes } from './attributes.ts'
import { DURATION_BUCKETS } from './duration-buckets.ts'
import { observeHealth } from './observe-health.ts'

/** What can be measured: what `serve` answers, or an app. */
export interface Metered {
  addHook<Name extends HookName>(name: Name, hook: Hook<Name>): () => void
  /** Of a server: gives its gauges. */
  readonly worker?: { readonly id: string; health(): WorkerHealth }
}

/** Options of `meterJobs`. */
export interface MeterJobsOptions {
  /** Default: that of the global provider. */
  readonly meter?: Meter
}

/**
 * Measures what a worker does, until it stops or the answer is disposed.
 *
 * By the semantic conventions for messaging metrics of OpenTelemetry (in development), by queue and job type, with
 * `error.type` where a run failed: `messaging.process.duration` (s), `messaging.client.consumed.messages`. isobar's own:
 * `isobar.dead_letters` by reason and `isobar.recycles` by cause; and of a server's health `isobar.queue.jobs` by state,
 * `isobar.queue.oldest_age` (s), `isobar.job.left` (By, the sentinel's estimate by job type), `isobar.worker.memory` (By)
 * and, by slot, `isobar.isolate.memory` (By). No attribute takes values without end.
 *
 * @example
 * meterJobs(await serve(new URL('./app.ts', import.meta.url), { broker }))
 */
export function meterJobs(metered: Metered, options: MeterJobsOptions = {}): Disposable {
  const meter = options.meter ?? metrics.getMeter(SCOPE)
  const duration = meter.createHistogram('messaging.process.duration', {
    description: 'How long handlers took.',
    unit: 's',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })
  const consumed = meter.createCounter('messaging.client.consumed.messages', {
    description: 'Jobs whose handlers ran.',
    unit: '{message}',
  })
  const dead = meter.createCounter('isobar.dead_letters', {
    description: 'Jobs that went to the dead letters.',
    unit: '{job}',
  })
  const recycled = meter.createCounter('isobar.recycles', {
    description: 'Isolates that were replaced, or died.',
    unit: '{isolate}',
  })

  const { worker } = metered
  const removals = [
    metered.addHook('settle', ({ job, outcome, durationMs }) => {
      const failed = outcome.kind === 'retry' || outcome.kind === 'dead'
      const attributes = {
        ...toJobAttributes(job),
        ...(failed && { [ATTRIBUTE.errorType]: errorTypeOf(outcome.error) }),
      }
      duration.record(durationMs / 1_000, attributes)
      consumed.add(1, attributes)
    }),
    metered.addHook('dead', ({ job, reason }) => dead.add(1, { ...toJobAttributes(job), 'isobar.reason': reason })),
    metered.addHook('recycle', ({ cause }) => recycled.add(1, { 'isobar.cause': cause })),
    ...(worker ? [observeHealth(meter, worker)] : []),
  ]
  const dispose = (): void => {
    for (const remove of removals.splice(0)) remove()
  }
  if (worker) removals.push(metered.addHook('stop', ({ workerId }) => workerId === worker.id && dispose()))
  return { [Symbol.dispose]: dispose }
}

function toJobAttributes({ queue, name }: HookEvents['settle']['job']): Attributes {
  return { ...toAttributes('process', queue), [ATTRIBUTE.jobName]: name }
}
