import type { BleedJob, Observation } from '../../bleed/observation.ts'
import type { ObservedProcess } from '../driver.ts'
import type { ModuleFront } from './module-front.ts'
import type { WorkerdProcess } from './workerd-process.ts'

/** Jobs in one request: as many as are done however long they take. */
const MAX_BATCH = 20

/** A process that does single jobs of a module, for the bleed check. */
export function createObservedProcess(workerd: WorkerdProcess, front: ModuleFront): ObservedProcess {
  const dispose = (): Promise<void> => workerd[Symbol.asyncDispose]()
  return {
    settings: front.settings,
    choose: (scan, limit) => workerd.during('run', () => front.ask({ do: 'choose', scan, limit })),
    async observe(jobs, { maxMs, clockJumps }) {
      const observations: Observation[] = []
      const startedAt = performance.now()
      while (observations.length < jobs.length) {
        const leftMs = maxMs - (performance.now() - startedAt)
        if (leftMs < 0 && observations.length > 0) break
        const batch: readonly BleedJob[] = jobs.slice(observations.length, observations.length + MAX_BATCH)
        // Once it jumps, a clock does so for good.
        const options = { maxMs: leftMs, clockJumps: clockJumps && observations.length === 0 }
        const more = await workerd.during('run', () =>
          front.ask<readonly Observation[]>({ do: 'observe', jobs: batch, options }),
        )
        observations.push(...more)
        workerd.jobs += more.length
        if (more.length < batch.length) break
      }
      return observations
    },
    async end() {
      const problem = await workerd.during('end', () => front.end())
      await dispose()
      return problem
    },
    [Symbol.asyncDispose]: dispose,
  }
}
