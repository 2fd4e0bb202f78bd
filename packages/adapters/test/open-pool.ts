import type { Delivery, HookEvents, Outcome, StoredJob } from '@isobar/core'
import { Hooks } from '@isobar/core/worker'
import { onTestFinished } from 'vitest'
import { type IsolatePool, isolates } from '../src/processes/isolates/pool.ts'
import type { IsolateOptions } from '../src/processes/isolates/settings.ts'
import type { Act } from './fixtures/pool-app.ts'

const MODULE = new URL('./fixtures/pool-app.ts', import.meta.url)

/** A pool of the app in `fixtures/pool-app.ts`, which ends with its test. */
export interface OpenPool {
  readonly pool: IsolatePool
  /** What the hook `recycle` was told. */
  readonly recycles: HookEvents['recycle'][]
  readonly logs: HookEvents['log'][]
  /** The ids of the jobs whose handlers were started. */
  readonly starts: string[]
  run(act: Act, job?: Partial<StoredJob>): Promise<Outcome>
  /** Resolves when the pool looks as it should: looked at whenever something has happened. */
  until(isSo: (health: ReturnType<IsolatePool['health']>) => boolean): Promise<void>
}

let last = 0

/** A delivery of a job of the app. */
export function toDelivery(act: Act, job: Partial<StoredJob> = {}): Delivery {
  const stored: StoredJob = {
    id: `job-${++last}`,
    name: 'act',
    queue: 'default',
    priority: 'normal',
    attempt: 1,
    crashes: 0,
    enqueuedAt: 0,
    dueAt: 0,
    payload: { text: JSON.stringify(act) },
    ...job,
  }
  return { job: stored, token: undefined, leaseUntil: 0 }
}

/** Opens one. */
export async function openPool(options: IsolateOptions = {}): Promise<OpenPool> {
  const hooks = new Hooks()
  const recycles: HookEvents['recycle'][] = []
  const logs: HookEvents['log'][] = []
  const starts: string[] = []
  hooks.add('start', ({ job }) => starts.push(job.id))
  hooks.add('recycle', (event) => recycles.push(event))
  hooks.add('log', (event) => logs.push(event))
  const pool = await isolates(MODULE, { size: 1, memory: '400mb', ...options }, hooks)
  onTestFinished(() => pool[Symbol.asyncDispose]())
  return {
    pool,
    recycles,
    logs,
    starts,
    run: (act, job) => pool.start(toDelivery(act, job)).outcome,
    async until(isSo) {
      while (!isSo(pool.health())) await new Promise((resolve) => setTimeout(resolve, 10))
    },
  }
}

/** The process that did a job, as its result says. */
export function pidOf(outcome: Outcome): number {
  return outcome.kind === 'ack' ? Number(outcome.result) : Number.NaN
}
