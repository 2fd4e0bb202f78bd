import { median } from '../median.ts'
import { createRelay } from '../subjects/relay.ts'

/** Medians of one window of jobs, in µs. */
export interface Window {
  /** From one job's settling to the next one's: all that a worker does for a job. */
  readonly job: number
  /** Of a fixed piece of work, done between every two jobs: what the machine was like. */
  readonly reference: number
}

/** What this process prints. */
export interface Aging {
  readonly early: Window
  readonly late: Window
}

/** Jobs after which the compiler is done: with fewer, early jobs are slow and flatter the late ones. */
const WARMUP = 100_000
const JOBS = 10_000
const WINDOW = 1_000

const RECORD = { id: 'a1', to: 'ann@example.org', at: 1_700_000_000_000, lines: ['one', 'two', 'three', 'four'] }

// Of a fixed size, so that keeping the figures does not age the process.
const jobUs = new Float64Array(WARMUP + JOBS)
const referenceUs = new Float64Array(WARMUP + JOBS)
let settled = 0
let sink = 0
let readyAt = performance.now()

await using relay = createRelay(() => {
  const settledAt = performance.now()
  for (let i = 0; i < 5; i++) sink += JSON.parse(JSON.stringify(RECORD)).lines.length
  const workedAt = performance.now()
  jobUs[settled] = (settledAt - readyAt) * 1_000
  referenceUs[settled] = (workedAt - settledAt) * 1_000
  settled++
  readyAt = performance.now()
})

await relay.run(WARMUP + JOBS)
if (settled !== WARMUP + JOBS || sink === 0) throw new Error(`${settled} jobs were measured, not ${WARMUP + JOBS}`)

function toWindow(from: number): Window {
  const of = (all: Float64Array): number => median([...all.subarray(WARMUP + from, WARMUP + from + WINDOW)])
  return { job: of(jobUs), reference: of(referenceUs) }
}

const aging: Aging = { early: toWindow(0), late: toWindow(JOBS - WINDOW) }
process.stdout.write(JSON.stringify(aging))
