import { postgres } from '@isobar/adapters/postgres'
import type { RecycleCause } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker } from '@isobar/core/worker'
import { crash } from '../drain/crash.ts'
import { median } from '../median.ts'
import { type JobKind, toJobs } from '../pool/job-types.ts'
import { openMarksFolder } from '../pool/marks.ts'
import { MemoryWatch } from '../pool/memory-watch.ts'
import { type APPS, openExecutor, type Where } from '../pool/open-executor.ts'
import { readMemoryOf, readTreeCpuMs } from '../pool/processes.ts'
import { watchExecutor } from '../pool/watch-executor.ts'

/** What this process is told to do: its only argument, as JSON. */
export interface PoolTask {
  readonly where: Where
  readonly app?: keyof typeof APPS
  readonly job: JobKind
  /** How many are measured, and how many are done before those. */
  readonly jobs: number
  readonly warmUp: number
  /** A database in which the jobs are queued already. Absent: the memory broker, which is filled first. */
  readonly url?: string
}

/** What this process prints. */
export interface PoolFigures {
  /** From the handing over of the first job after the warm-up until all are confirmed, in ms. */
  readonly ms: number
  /** CPU of this process and all that it started meanwhile, in ms. */
  readonly cpuMs: number
  /** Resident memory of this process, and of an isolate that serves, at the end, in bytes; 0 where there is none. */
  readonly ownRss: number
  readonly isolateRss: number
  /** The most that an isolate was seen to have, in bytes. */
  readonly peakRss: number
  /** Isolates that served or waited to, in all. */
  readonly processes: number
  readonly recycles: Readonly<Partial<Record<RecycleCause, number>>>
  readonly lost: number
  readonly repeated: number
  /** Jobs that it cost an attempt, or their lives. */
  readonly charged: number
}

/** Between two looks at the memory of isolates, in ms: often where it is what is measured. */
const LOOK_MS = { leak: 20, other: 200 }

/** How long all of it may take, in ms: less than the parent waits, so that this process can say what is missing. */
const PATIENCE_MS = 240_000

const { where, app = 'plain', job, jobs, warmUp, url } = JSON.parse(process.argv[2] ?? '') as PoolTask
const total = warmUp + jobs
const { type, toData } = toJobs(job)
let started = 0
let done = 0
let begun: { readonly at: number; readonly cpuMs: number } | undefined
let onAllDone: () => void = () => {}
const allDone = new Promise<void>((resolve) => {
  onAllDone = resolve
})

const impatience = setTimeout(() => {
  throw new Error(`${done} of ${total} jobs were done within ${PATIENCE_MS} ms`)
}, PATIENCE_MS)
try {
  using folder = openMarksFolder()
  await using broker = url === undefined ? createMemoryBroker() : postgres(url)
  if (url === undefined)
    await createProducer(broker).enqueueMany(
      type,
      Array.from({ length: total }, (_, n) => toData(n)),
    )
  const figures = await run(broker)
  process.stdout.write(JSON.stringify({ ...figures, ...folder.count(total) } satisfies PoolFigures))
} finally {
  clearTimeout(impatience)
}

async function run(broker: Parameters<typeof createWorker>[0]): Promise<Omit<PoolFigures, 'lost' | 'repeated'>> {
  const executor = watchExecutor(await openExecutor(where, app), {
    onStart() {
      if (started++ === warmUp) begun = { at: performance.now(), cpuMs: readTreeCpuMs() }
    },
    onEnd({ kind }) {
      if (kind === 'dead') crash(new Error(`a job of type ${job.type} is dead`))
      if (kind === 'ack' && ++done === total) onAllDone()
    },
  })
  const worker = createWorker(broker, executor, { queues: [type.queue], statsEvery: false })
  const serving = () => executor.health().pool?.isolates ?? []
  const toPids = (isolates: ReturnType<typeof serving>): number[] => isolates.flatMap(({ pid }) => pid ?? [])
  using memory = new MemoryWatch(job.type === 'leak' ? LOOK_MS.leak : LOOK_MS.other, () => toPids(serving()))
  try {
    worker.start()
    await allDone
    while (!(await isDrained()));
    const now = performance.now()
    if (!begun) throw new Error('there was nothing to measure')
    const cpuMs = readTreeCpuMs() - begun.cpuMs
    memory.look()
    const active = toPids(serving().filter(({ state }) => state === 'active'))
    const { counts } = worker.health()
    const recycles = Object.entries(executor.health().pool?.recycles ?? {}).filter(([, count]) => count > 0)
    return {
      ms: now - begun.at,
      cpuMs,
      ownRss: process.memoryUsage.rss(),
      isolateRss: active.length === 0 ? 0 : median(active.map((pid) => readMemoryOf(pid, 'now'))),
      peakRss: memory.peak,
      processes: memory.processes,
      recycles: Object.fromEntries(recycles),
      charged: counts.retried + counts.dead,
    }
  } finally {
    await worker.stop()
    await executor[Symbol.asyncDispose]()
  }

  async function isDrained(): Promise<boolean> {
    const figures = await broker.stats([type.queue])
    return figures.every(({ ready, delayed, active, dead }) => ready + delayed + active + dead === 0)
  }
}
