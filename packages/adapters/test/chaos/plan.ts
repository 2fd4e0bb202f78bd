import { defineJob, fixed } from '@isobar/core'
import { ATTEMPTS, planJobs, type Work } from '../crash/plan.ts'

/** How a job ends its process, or tries to. */
export const MISCHIEFS = [
  'exit',
  'abort',
  'kill',
  'segfault',
  'heap',
  'buffers',
  'loop',
  'freeze',
  'uncaught',
  'reject',
] as const
export type Mischief = (typeof MISCHIEFS)[number]

/** What a job of the chaos test does. */
export interface Task extends Work {
  /** What it does after `ms`, once in its life. */
  readonly mischief?: Mischief
  /** A poison pill: it does that each time. */
  readonly always?: boolean
}

/** Times that a job may take down an isolate in which it is alone. */
export const MAX_ALONE_CRASHES = 2

/** Starts of a poison pill until it is dead: in company, then alone. */
export const POISON_STARTS: number = 1 + MAX_ALONE_CRASHES

/** How long an aborted handler has, in ms. */
export const GRACE_MS = 500

/** The job type: acks bring one `after` each, as in the crash test. */
export const task = defineJob<Task>({
  name: 'task',
  queue: 'task',
  timeout: '2s',
  retry: { attempts: ATTEMPTS, backoff: fixed(200) },
})

/** Of each kind so many. What hangs its isolate takes seconds to be found out, each time. */
export type Dose = Readonly<Record<Mischief, number>>

/** Jobs of the crash test, evenly strewn with those that do mischief, and two poison pills: one exits, one loops. */
export function planChaos(jobs: number, ms: number, dose: Dose): Task[] {
  const plan: Task[] = planJobs(jobs, ms)
  const own = (fraction: number, task: Partial<Task>): void => {
    let at = Math.floor(fraction * jobs)
    while (plan[at]?.mischief) at = (at + 1) % jobs
    plan[at] = { ms: plan[at]?.ms ?? ms, ...task, fails: 0 }
  }
  own(0.1, { mischief: 'exit', always: true })
  own(0.2, { mischief: 'loop', always: true })
  // The golden ratio spreads them without a pattern.
  let n = 0
  for (const mischief of MISCHIEFS) {
    for (let count = 0; count < dose[mischief]; count++) own((++n * 0.618_034) % 0.95, { mischief })
  }
  return plan
}
