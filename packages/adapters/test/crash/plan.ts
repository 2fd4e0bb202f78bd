import { defineJob, fixed } from '@isobar/core'

/** What a job of the crash test does. */
export interface Work {
  /** How many of its attempts fail. */
  readonly fails: number
  /** How long each takes. */
  readonly ms: number
}

/** Attempts that a job has. */
export const ATTEMPTS = 3

/** The job type: acks bring one `after` each. */
export const work = defineJob<Work>({ name: 'work', queue: 'work', retry: { attempts: ATTEMPTS, backoff: fixed(200) } })

/** The follow-up that goes out with an ack, or not at all: a second one would be a second ack. */
export const after = defineJob<{ readonly of: string }>({ name: 'after', queue: 'after' })

/** A third of the jobs fail once or twice, one in fifteen always. They take between half of `ms` and one and a half. */
export function planJobs(jobs: number, ms: number): Work[] {
  return Array.from({ length: jobs }, (_, n) => ({
    fails: n % 15 === 1 ? ATTEMPTS : n % 3 === 0 ? 1 + (n % 2) : 0,
    ms: ms / 2 + ((n * 37) % ms),
  }))
}
