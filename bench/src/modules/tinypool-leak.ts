import { fileURLToPath } from 'node:url'
import { Tinypool } from 'tinypool'
import type { LeakKind } from '../pool/job-types.ts'
import { openMarksFolder } from '../pool/marks.ts'
import { MemoryWatch } from '../pool/memory-watch.ts'
import { readChildren } from '../pool/processes.ts'

/** What this process is told to do: its only argument, as JSON. */
export interface TinypoolTask {
  readonly kind: LeakKind
  readonly jobs: number
  /** How long a job takes at least, in ms. */
  readonly jobMs: number
  readonly size: number
  /** Jobs at once in each worker. */
  readonly concurrency: number
  /** What `maxMemoryLimitBeforeRecycle` is set to, in bytes. */
  readonly memory: number
  /** Nothing more is done when a worker has so much, in bytes: for the machine's sake. */
  readonly enough: number
  /** Nor after so long, in ms. */
  readonly latest: number
}

/** What this process prints. */
export interface TinypoolFigures {
  readonly ms: number
  /** Jobs that were done before it was stopped, and those that failed. */
  readonly done: number
  readonly failed: number
  /** The most that a worker was seen to have, in bytes. */
  readonly peakRss: number
  /** Workers that took the place of another. */
  readonly recycles: number
  readonly lost: number
  readonly repeated: number
}

/** Jobs that are handed over and not done, for each slot: enough that no worker waits. */
const HANDED = 2

const LOOK_MS = 20

const { kind, jobs, jobMs, size, concurrency, memory, enough, latest } = JSON.parse(
  process.argv[2] ?? '',
) as TinypoolTask
using folder = openMarksFolder()
const pool = new Tinypool({
  filename: fileURLToPath(new URL('../peers/tinypool-task.ts', import.meta.url)),
  runtime: 'child_process',
  minThreads: size,
  maxThreads: size,
  concurrentTasksPerWorker: concurrency,
  maxMemoryLimitBeforeRecycle: memory,
  env: process.env as Record<string, string>,
})
let next = 0
let done = 0
let failed = 0
let stopped = false

async function feed(): Promise<void> {
  while (next < jobs && !stopped) {
    try {
      await pool.run({ n: next++, kind, ms: jobMs })
      done++
    } catch {
      failed++
    }
  }
}

const patience = setTimeout(() => {
  stopped = true
}, latest)
using watch = new MemoryWatch(LOOK_MS, readChildren, (bytes) => {
  stopped ||= bytes >= enough
})
const startedAt = performance.now()
try {
  await Promise.all(Array.from({ length: HANDED * size * concurrency }, feed))
  watch.look()
} finally {
  clearTimeout(patience)
  await pool.destroy()
}
const ms = performance.now() - startedAt
const figures: TinypoolFigures = {
  ms,
  done,
  failed,
  peakRss: watch.peak,
  recycles: Math.max(0, watch.processes - size),
  ...folder.count(next),
}
process.stdout.write(JSON.stringify(figures))
