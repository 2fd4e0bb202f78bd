import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker } from '@isobar/core/worker'
import { describeMachine } from './machine.ts'
import { toJobs } from './pool/job-types.ts'
import { openExecutor, type Where } from './pool/open-executor.ts'
import { watchExecutor } from './pool/watch-executor.ts'

/*
 * Whether a supervisor that has seen a million jobs weighs what it weighed after ten thousand: `pnpm soak`. Small jobs
 * through the memory broker, a worker and two isolates that are replaced every 20,000 jobs. It feeds itself, so that no
 * more than two waves are queued at any time.
 */

/** Jobs before any is counted: until then compilers and the allocator take some 8 MB for good. */
const WARM_UP = 100_000

/** When the supervisor is weighed, in jobs after those. */
const WEIGHED_AFTER = [10_000, 100_000, 1_000_000] as const

/** Jobs that are enqueued at once. */
const WAVE = 1_000

/** How much more it may weigh at the last than at the first. */
const TOLERANCE = 0.05

/** How long a machine may take for it, in ms. */
const PATIENCE_MS = 900_000

/** For memory that is given back a little later, by threads beside the main one, in ms. */
const REST_MS = 300

const where: Where = { size: 2, concurrency: 10, jobs: 20_000 }

/** What a supervisor weighs, in bytes. */
interface Weight {
  readonly jobs: number
  /** Resident, as it is and after full collections. */
  readonly rss: number
  readonly collectedRss: number
  /** Heap and external memory after full collections. */
  readonly heap: number
}

const patience = setTimeout(() => {
  throw new Error(`${done} jobs were done within ${PATIENCE_MS / 60_000} minutes`)
}, PATIENCE_MS)
setFlagsFromString('--expose-gc')
const collect: (options: object) => void = runInNewContext('gc')
const { type, toData } = toJobs({ type: 'nothing' })
let enqueued = 0
let done = 0
/** Called when so many are done that the next wave is due, or all are. */
let onDone: (() => void) | undefined

const { cpu, cores, runtime, load } = describeMachine()
process.stdout.write(`${cpu}, ${cores} cores, ${runtime}, load ${load.toFixed(2)}\n`)
process.stdout.write(`${'jobs'.padStart(9)}${['RSS', 'collected', 'heap + external'].map(toHead).join('')}\n`)
const startedAt = performance.now()
await using broker = createMemoryBroker()
await using executor = watchExecutor(await openExecutor(where), {
  onEnd({ kind }) {
    if (kind !== 'ack') return
    done++
    if (done >= enqueued - WAVE) onDone?.()
  },
})
await using worker = createWorker(broker, executor, { queues: [type.queue], statsEvery: false })
worker.start()

const weights: Weight[] = []
for (const jobs of WEIGHED_AFTER) {
  await runUntil(WARM_UP + jobs)
  const weight = await weigh(jobs)
  weights.push(weight)
  process.stdout.write(`${toLine(weight)}\n`)
}
const seconds = (performance.now() - startedAt) / 1_000
const { recycles } = executor.health().pool ?? { recycles: { jobs: 0 } }
process.stdout.write(`${recycles.jobs} isolates were replaced; ${seconds.toFixed(0)} s\n`)
for (const measure of ['collectedRss', 'heap'] as const) process.stdout.write(`${toVerdict(measure)}\n`)
clearTimeout(patience)

async function runUntil(jobs: number): Promise<void> {
  const producer = createProducer(broker)
  while (enqueued < jobs) {
    const from = enqueued
    const count = Math.min(WAVE, jobs - from)
    enqueued += count
    await producer.enqueueMany(
      type,
      Array.from({ length: count }, (_, i) => toData(from + i)),
    )
    await until(() => done >= enqueued - WAVE)
  }
  await until(() => done === enqueued)
}

/** Waits for the next jobs to be done until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise<void>((resolve) => {
      onDone = resolve
    })
  }
  onDone = undefined
}

async function weigh(jobs: number): Promise<Weight> {
  const rss = process.memoryUsage.rss()
  // Each finds what the last one's finalizers let go. Of the kind that also gives back pages that V8 keeps for later.
  for (let i = 0; i < 3; i++) {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    await sleep(REST_MS)
  }
  const { rss: collectedRss, heapUsed, external } = process.memoryUsage()
  return { jobs, rss, collectedRss, heap: heapUsed + external }
}

function toHead(name: string): string {
  return name.padStart(17)
}

function toLine({ jobs, rss, collectedRss, heap }: Weight): string {
  return `${jobs.toString().padStart(9)}${[rss, collectedRss, heap].map((bytes) => toHead(`${(bytes / 1e6).toFixed(1)} MB`)).join('')}`
}

function toVerdict(measure: 'collectedRss' | 'heap'): string {
  const first = weights[0]?.[measure] ?? Number.NaN
  const last = weights.at(-1)?.[measure] ?? Number.NaN
  const share = last / first - 1
  const name = measure === 'heap' ? 'heap + external' : 'RSS'
  const verdict = share <= TOLERANCE ? 'within' : 'NOT within'
  return `${name} after the last: ${(share * 100).toFixed(1)} % more than after the first, ${verdict} ${TOLERANCE * 100} %`
}
