import { SUBJECTS } from '../drain/subjects.ts'
import type { Task } from '../drain/task.ts'
import { toWorks } from '../drain/work.ts'

/** What this process prints. */
export interface Fill {
  /** What it took to enqueue all jobs, in ms. */
  readonly ms: number
}

const { subject, address, jobs, warmUp, settings } = JSON.parse(process.argv[2] ?? '') as Task
const works = toWorks(0, warmUp + jobs)
await using queue = await SUBJECTS[subject].open(address, settings)
const startedAt = performance.now()
await queue.enqueue(works)
const fill: Fill = { ms: performance.now() - startedAt }
process.stdout.write(JSON.stringify(fill))
