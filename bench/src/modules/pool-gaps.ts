import { setTimeout as sleep } from 'node:timers/promises'
import type { Executor } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker, type Worker } from '@isobar/core/worker'
import { crash } from '../drain/crash.ts'
import { toJobs } from '../pool/job-types.ts'
import { longestGap } from '../pool/longest-gap.ts'
import { openExecutor } from '../pool/open-executor.ts'
import { watchExecutor } from '../pool/watch-executor.ts'

/** How the only isolate is replaced: isobar's way, the way of those who end a process and then start one, or by SIGKILL. */
export type GapWay = 'successor-first' | 'exit-then-restart' | 'kill'

/** What this process is told to do: its only argument, as JSON. */
export interface GapTask {
  readonly way: GapWay
  readonly spares: number
  /** How often it is replaced. */
  readonly times: number
  /** For compilers, before the first, in ms. */
  readonly warmUpMs: number
  /** How much is looked at before and after each: a time in which a successor is long at work, in ms. */
  readonly windowMs: number
}

/** What this process prints: longest times between the ends of two jobs, in ms. */
export interface GapFigures {
  /** Around each replacement. */
  readonly gaps: readonly number[]
  /** In as long a time before each of them. */
  readonly background: readonly number[]
}

/** A steady load: each slot ends a job every 5 ms. */
const JOB_MS = 5
const CONCURRENCY = 10

/** What is kept in the queue, and added to it at once. */
const QUEUED = 2_000
const WAVE = 1_000

/** How long a spare may take, in ms. */
const SPARE_MS = 10_000

const { way, spares, times, warmUpMs, windowMs } = JSON.parse(process.argv[2] ?? '') as GapTask
const { type, toData } = toJobs({ type: 'wait', ms: JOB_MS })
const ends: number[] = []
let enqueued = 0

await using broker = createMemoryBroker()
const jobs = createProducer(broker)
let executor: Executor
let worker: Worker

async function open(): Promise<void> {
  const pool = await openExecutor({ size: 1, concurrency: CONCURRENCY, jobs: 'never', spares })
  executor = watchExecutor(pool, {
    onEnd({ kind }) {
      if (kind !== 'ack') return
      ends.push(performance.now())
      if (enqueued - ends.length < QUEUED - WAVE) enqueue(WAVE).catch(crash)
    },
  })
  worker = createWorker(broker, executor, { queues: [type.queue], statsEvery: false })
  worker.start()
}

async function close(): Promise<void> {
  await worker.stop()
  await executor[Symbol.asyncDispose]()
}

async function reopen(): Promise<void> {
  await close()
  await open()
}

async function enqueue(count: number): Promise<void> {
  const from = enqueued
  enqueued += count
  await jobs.enqueueMany(
    type,
    Array.from({ length: count }, (_, i) => toData(from + i)),
  )
}

const REPLACE: Readonly<Record<GapWay, () => unknown>> = {
  'successor-first': () => (executor as Executor & { recycle(): void }).recycle(),
  'exit-then-restart': reopen,
  kill: () => process.kill(serving()[0]?.pid ?? 0, 'SIGKILL'),
}

function serving() {
  return executor.health().pool?.isolates.filter(({ state }) => state === 'active') ?? []
}

/** Waits until the pool is as it is to be: nothing that is left of the last replacement goes on. */
async function settle(): Promise<void> {
  const latest = performance.now() + SPARE_MS
  const isSettled = (): boolean => {
    const states = executor.health().pool?.isolates.map(({ state }) => state) ?? []
    return states.length === 1 + spares && states.every((state) => state === 'active' || state === 'spare')
  }
  while (!isSettled()) {
    if (performance.now() > latest) {
      const { isolates } = executor.health().pool ?? { isolates: [] }
      const states = isolates.map(({ state, held }) => `${state} with ${held} jobs`).join(', ')
      throw new Error(`the pool is not complete ${SPARE_MS} ms after a replacement: ${states}`)
    }
    await sleep(10)
  }
}

await enqueue(QUEUED)
await open()
try {
  await sleep(warmUpMs)
  const figures = { gaps: [] as number[], background: [] as number[] }
  for (let i = 0; i < times; i++) {
    // The isolate in which suspects ran alone stays as a spare, and would take over from the next that is killed.
    if (way === 'kill' && i > 0) {
      await reopen()
      await sleep(windowMs)
    }
    await settle()
    const quiet = performance.now()
    await sleep(windowMs)
    const from = performance.now()
    figures.background.push(longestGap(ends, quiet, from))
    await REPLACE[way]()
    await sleep(windowMs)
    figures.gaps.push(longestGap(ends, from, performance.now()))
  }
  process.stdout.write(JSON.stringify(figures satisfies GapFigures))
} finally {
  await close()
}
