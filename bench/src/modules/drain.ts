import { setTimeout as sleep } from 'node:timers/promises'
import { SUBJECTS } from '../drain/subjects.ts'
import { Tally } from '../drain/tally.ts'
import type { Task } from '../drain/task.ts'
import { doWork, toWork, type Work } from '../drain/work.ts'

/** What this process prints. */
export interface Drain {
  /** From the start of the first job after the warm-up until all are confirmed, in ms. */
  readonly ms: number
  /** CPU of this process meanwhile, in µs. */
  readonly cpuUs: number
  /** The most memory it had until then, in bytes. */
  readonly peakRss: number
  /** From the call that enqueues a single job to the start of its handler, in ms. */
  readonly pickUps: readonly number[]
}

/** How long all of it may take, in ms: less than the parent waits, so that this process can say what is missing. */
const PATIENCE_MS = 240_000

/** Between a single job and the next, in ms: at least, and at most so much more, so as not to beat in time with a poll. */
const GAP_MS = 2
const MORE_MS = 6

const { subject, address, jobs, warmUp, pickUps, settings } = JSON.parse(process.argv[2] ?? '') as Task
const total = warmUp + jobs
const tally = new Tally(total)
let handled = 0
const single = new Tally(pickUps)
let begun: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined
let onSingle: ((at: number) => void) | undefined

const impatience = setTimeout(() => {
  tally.verify()
  single.verify()
  throw new Error(`${subject} ran every job, but does not confirm them`)
}, PATIENCE_MS)
try {
  await using queue = await SUBJECTS[subject].open(address, settings)
  await queue.work(handle)
  const drain = await finish(() => queue.isDrained())
  const latencies: number[] = []
  for (let i = 0; i < pickUps; i++) {
    const work = toWork(total + i)
    await sleep(GAP_MS + Math.random() * MORE_MS)
    const started = new Promise<number>((resolve) => {
      onSingle = resolve
    })
    const at = performance.now()
    await queue.enqueueOne(work)
    latencies.push((await started) - at)
  }
  tally.verify()
  single.verify()
  process.stdout.write(JSON.stringify({ ...drain, pickUps: latencies } satisfies Drain))
} finally {
  clearTimeout(impatience)
}

function handle(work: Work): void {
  const at = performance.now()
  if (handled++ === warmUp) begun = { at, cpu: process.cpuUsage() }
  doWork(work)
  if (work.n < total) tally.add(work.n)
  else {
    single.add(work.n - total)
    onSingle?.(at)
  }
}

async function finish(isDrained: () => Promise<boolean>): Promise<Omit<Drain, 'pickUps'>> {
  await tally.complete()
  while (!(await isDrained()));
  const now = performance.now()
  if (!begun) throw new Error(`${subject} has nothing to drain`)
  const { user, system } = process.cpuUsage(begun.cpu)
  return { ms: now - begun.at, cpuUs: user + system, peakRss: process.resourceUsage().maxRSS * 1_024 }
}
