import { queryObjects } from 'node:v8'
import { createRelay } from '../subjects/relay.ts'

/** What this process prints. */
export interface Survivors {
  /** Objects alive before the jobs that are judged, and after them. */
  readonly before: number
  readonly after: number
}

/** Jobs after which everything bounded is full: half of them before a count that is thrown away, as counting makes objects. */
const WARMUP = 5_000
const JOBS = 10_000

/** Collects, then counts all objects that are still reachable and have `Object` as their base: class instances, functions, promises, containers. */
function countObjects(): number {
  return queryObjects(Object, { format: 'count' })
}

await using relay = createRelay()
await relay.run(WARMUP / 2)
countObjects()
await relay.run(WARMUP / 2)
const before = countObjects()
await relay.run(JOBS)
// Counted before the object that it goes into is made.
const after = countObjects()
const survivors: Survivors = { before, after }
process.stdout.write(JSON.stringify(survivors))
