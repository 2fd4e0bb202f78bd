import { type AnyJobType, defineJob, type JobType } from '@isobar/core'
import { doWork, toWork, type Work } from '../drain/work.ts'

/** A job type without a schema: what is enqueued is what its handler gets. */
type Declared<Data> = JobType<Data, Data>

/** Which job it is, counted from 0. */
export interface Numbered {
  readonly n: number
}

/** Where a leaking handler keeps 100,000 bytes a job: in V8's heap, in Buffers beside it, or where V8 does not count. */
export type LeakKind = 'heap' | 'buffers' | 'native'

/** Data of a job that leaks: what, and how long it takes, in ms. */
export interface LeakData extends Numbered {
  readonly kind: LeakKind
  readonly ms: number
}

/** What a leaking handler keeps a job, in bytes. */
export const LEAK_BYTES = 100_000

/** The job of the drain: parses a document and hashes it. Of the same name and data as the one that is enqueued there. */
export const work: Declared<Work> = defineJob<Work>({ name: 'work' })

/** Nothing: what is left is what it costs to run a job. */
export const nothing: Declared<Numbered> = defineJob<Numbered>({ name: 'nothing' })

/** Occupies the processor: the work of a drained job, so many times over. */
export const burn: Declared<Work & { readonly times: number }> = defineJob<Work & { readonly times: number }>({
  name: 'burn',
})

/** Waits for so many ms, as for a server that answers. */
export const wait: Declared<Numbered & { readonly ms: number }> = defineJob<Numbered & { readonly ms: number }>({
  name: 'wait',
})

/** Leaks. */
export const leak: Declared<LeakData> = defineJob<LeakData>({ name: 'leak' })

/** Hands on to the next of its chain with its ack. */
export const link: Declared<{ readonly left: number }> = defineJob<{ readonly left: number }>({ name: 'link' })

/** One kind of job, as JSON: many of them are enqueued, told apart by their numbers. */
export type JobKind =
  | { readonly type: 'work' | 'nothing' }
  | { readonly type: 'burn'; readonly times: number }
  | { readonly type: 'wait'; readonly ms: number }
  | { readonly type: 'leak'; readonly kind: LeakKind; readonly ms: number }

/** The type of a kind of job, and the data of its job `n`. */
export function toJobs(kind: JobKind): { readonly type: AnyJobType; readonly toData: (n: number) => unknown } {
  switch (kind.type) {
    case 'work':
      return { type: work, toData: toWork }
    case 'nothing':
      return { type: nothing, toData: (n) => ({ n }) }
    case 'burn':
      return { type: burn, toData: (n) => ({ ...toWork(n), times: kind.times }) }
    case 'wait':
      return { type: wait, toData: (n) => ({ n, ms: kind.ms }) }
    case 'leak':
      return { type: leak, toData: (n) => ({ n, kind: kind.kind, ms: kind.ms }) }
  }
}

/** How long this machine is tried for, in ms. */
const TRIAL_MS = 300

/** How many times the work of a drained job takes so many ms of this machine, once it is compiled. */
export function timesFor(ms: number): number {
  const sample = toWork(0)
  let times = 0
  let startedAt = performance.now()
  for (let half = 0; half < 2; half++) {
    // The first half is the compiler's.
    startedAt = performance.now()
    for (times = 0; performance.now() - startedAt < TRIAL_MS / 2; times++) doWork(sample)
  }
  return Math.max(1, Math.round((times * ms) / (performance.now() - startedAt)))
}
