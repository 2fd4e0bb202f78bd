import type { JobSpec } from '../broker.ts'
import { BrokerFullError } from './errors.ts'
import type { MemoryLimits } from './options.ts'

/** What a broker holds. */
export interface Held {
  readonly jobs: number
  readonly dead: number
  /** Keys that a window holds. */
  readonly windows: number
  /** The job that a new one would duplicate. */
  holder(spec: JobSpec): string | undefined
}

/** How many of these jobs would be added, duplicates of each other left out. */
function countNew(specs: readonly JobSpec[], held: Held): { jobs: number; windows: number } {
  const seen = new Set<string>()
  let jobs = 0
  let windows = 0
  for (const spec of specs) {
    const { id, queue, key } = spec
    const names: string[] = []
    if (id !== undefined) names.push(`id:${id}`)
    if (key !== undefined) names.push(`key:${queue.length}:${queue}${key}`)
    if (names.some((name) => seen.has(name)) || held.holder(spec) !== undefined) continue
    for (const name of names) seen.add(name)
    jobs++
    if (key !== undefined && spec.dedupe?.mode === 'window') windows++
  }
  return { jobs, windows }
}

/**
 * Refuses jobs that there is no room for; duplicates need none.
 * @throws {BrokerFullError} when the jobs, the dead letters or the keys are at their limit.
 */
export function checkRoom(specs: readonly JobSpec[], held: Held, { name, maxJobs, maxDead }: MemoryLimits): void {
  const deadFull = held.dead >= maxDead
  const most = Math.max(held.jobs, held.windows) + specs.length
  if (most <= maxJobs && !deadFull) return
  const { jobs, windows } = countNew(specs, held)
  if (jobs && deadFull) {
    throw new BrokerFullError(name, 'dead letters', maxDead, 'redrive or discard some, or raise maxDead')
  }
  if (jobs && held.jobs + jobs > maxJobs) {
    throw new BrokerFullError(name, 'jobs', maxJobs, 'wait for workers to catch up, or raise maxJobs')
  }
  if (windows && held.windows + windows > maxJobs) {
    throw new BrokerFullError(name, 'keys held by a window', maxJobs, 'use shorter windows, or raise maxJobs')
  }
}
