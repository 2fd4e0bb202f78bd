import { runChild } from '../child.ts'
import { openPlace } from '../drain/place.ts'
import type { Task } from '../drain/task.ts'
import type { Fill } from '../modules/fill.ts'
import type { PoolFigures, PoolTask } from '../modules/pool-run.ts'

const FLAGS = ['--disable-warning=ExperimentalWarning']

/** Some jobs of a run with isolates were lost, ran twice or were charged for, and nothing was to happen to any. */
export class PoolTallyError extends Error {
  readonly code = 'BENCH_POOL_TALLY'
  override readonly name = 'PoolTallyError'
}

/** Runs a module of a benchmark in a process of its own, with one argument. */
export function runModule<Result>(name: string, task: unknown, signal: AbortSignal): Promise<Result> {
  const module = new URL(`../modules/${name}.ts`, import.meta.url)
  return runChild<Result>(module, { flags: FLAGS, args: [JSON.stringify(task)], signal })
}

/** Runs jobs through an executor on the memory broker. */
export function runOnMemory(task: PoolTask, signal: AbortSignal): Promise<PoolFigures> {
  return runModule<PoolFigures>('pool-run', task, signal)
}

/**
 * Drains a queue in Postgres, in a database of its own that another process has filled.
 * @throws {ServiceMissingError}
 */
export async function runOnPostgres(task: PoolTask, signal: AbortSignal): Promise<PoolFigures> {
  const { jobs, warmUp } = task
  await using place = await openPlace('postgres')
  const { address } = place
  const fill: Task = { subject: 'isobar', address, jobs, warmUp, pickUps: 0, settings: {} }
  await runModule<Fill>('fill', fill, signal)
  await place.gatherStatistics()
  return await runModule<PoolFigures>('pool-run', { ...task, url: address.url } satisfies PoolTask, signal)
}

/**
 * That every job ran exactly once and cost no attempt.
 * @throws {PoolTallyError}
 */
export function verifyTally(figures: PoolFigures): PoolFigures {
  const { lost, repeated, charged } = figures
  if (lost + repeated + charged > 0)
    throw new PoolTallyError(
      `${lost} jobs were lost, ${repeated} repeated and ${charged} charged, and none was to be; ` +
        `isolates replaced, by cause: ${JSON.stringify(figures.recycles)}`,
    )
  return figures
}

/** Jobs a second. */
export function toRate({ jobs }: Pick<PoolTask, 'jobs'>, { ms }: Pick<PoolFigures, 'ms'>): number {
  return (jobs * 1_000) / ms
}
