import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createProducer } from '@isobar/core/producer'
import { DEFAULT_MAX_CRASHES } from '@isobar/core/worker'
import { countLeft, readDead, readStatuses } from '../broker-state.ts'
import { openBroker } from '../open-broker.ts'
import { programNamed, programOf, type RuntimeName } from '../runtimes.ts'
import { launchWorker, type WorkerProcess } from '../worker-process.ts'
import { readJournal, readUnfinished } from './journal.ts'
import { judge, type Verdict } from './judge.ts'
import { after, planJobs, work } from './plan.ts'
import { type Store, startCrashServer } from './server.ts'

const QUEUES = [work.queue, after.queue]

/** How rough a crash test is. */
export interface Roughness {
  /** What keeps the jobs. Default `postgres`. */
  readonly store?: Store
  readonly jobs: number
  /** How long a job takes on average, in ms. */
  readonly ms: number
  /** A worker for each: what it runs on, and its successors. */
  readonly fleet: readonly RuntimeName[]
  /**
   * Each time this has passed, in ms, a worker that is in the middle of jobs is killed and replaced at once; every third
   * time it is stopped instead, and goes on when its leases are over.
   */
  readonly hurtEveryMs: number
  readonly leaseMs: number
  /** After how many hurts the server is stopped as if it had crashed, and started again. */
  readonly restartAfter: readonly number[]
  /** When the hurting ends: after so many times, or with so few jobs left. */
  readonly until: { readonly hurts: number } | { readonly left: number }
}

/** What happened. */
export interface CrashReport extends Verdict {
  readonly kills: number
  /** Jobs that were cut off by the kills, by what the worker ran on. */
  readonly cutOff: { readonly [Runtime in RuntimeName]?: number }
  readonly sleeps: number
  readonly restarts: number
  readonly seconds: number
  /** What the workers that were left at the end exited with when they were asked to stop. */
  readonly exits: readonly (number | string)[]
  /** The longest stderr of a worker, in lines. */
  readonly mostErrorLines: number
}

/** Runs jobs in worker processes of which one is killed again and again, on a server that crashes, and judges the end. */
export async function runCrashes(roughness: Roughness): Promise<CrashReport> {
  const { store = 'postgres', jobs, ms, fleet, leaseMs, restartAfter, until, hurtEveryMs } = roughness
  const started = performance.now()
  await using cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isobar-crash-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  const server = cleanup.use(await startCrashServer(store))
  const broker = cleanup.use(await openBroker(server.url))
  await broker.ready?.()

  const plan = planJobs(jobs, ms)
  const enqueued = await createProducer(broker).enqueueMany(work, plan)
  const planned = new Map(enqueued.map(({ id }, n) => [id, plan[n] ?? { fails: 0, ms }]))

  let mostErrorLines = 0
  const launch = (runtime: RuntimeName) => {
    const process = cleanup.use(launchWorker('crash-worker.ts', [server.url, folder, String(leaseMs)], [], { runtime }))
    void process.exit.then(() => {
      mostErrorLines = Math.max(mostErrorLines, process.errors.split('\n').length)
    })
    const serves = serving(process, runtime)
    // Whoever waits for it is told.
    serves.catch(() => {})
    return { process, runtime, serves }
  }
  const allServe = () => Promise.all(workers.map(({ serves }) => serves))
  const workers = fleet.map(launch)
  await allServe()

  let hurts = 0
  let kills = 0
  let sleeps = 0
  let restarts = 0
  const cutOff: { [Runtime in RuntimeName]?: number } = {}
  const left = () => countLeft(broker, QUEUES)
  while ('hurts' in until ? hurts < until.hurts : (await left()) > until.left) {
    await setTimeout(hurtEveryMs)
    // Each is killed, and each is stopped.
    const at = (hurts + Math.floor(hurts / 3)) % workers.length
    const worker = workers[at]
    if (!worker) throw new Error('a fleet has at least one worker')
    const { process, runtime } = worker
    await worker.serves
    while (unfinished(folder, process) === 0 && (await left()) > 0) await setTimeout(10)
    hurts++
    if (hurts % 3 === 0) {
      process.kill('SIGSTOP')
      void setTimeout(leaseMs * 1.5).then(() => process.kill('SIGCONT'))
      sleeps++
    } else {
      process.kill('SIGKILL')
      await process.exit
      cutOff[runtime] = (cutOff[runtime] ?? 0) + unfinished(folder, process)
      workers[at] = launch(runtime)
      kills++
    }
    if (!restartAfter.includes(hurts)) continue
    // One that finds no server when it starts ends, for whoever starts it again.
    await allServe()
    await server.crash()
    await server.start()
    restarts++
  }
  while ((await left()) > 0) await setTimeout(100)
  await allServe()
  for (const { process } of workers) process.kill('SIGTERM')
  const exits = await Promise.all(workers.map(({ process }) => process.exit))

  const journal = readJournal(folder)
  const statuses = await readStatuses(broker, [...planned.keys(), ...journal.map(({ id }) => id)])
  const dead = await readDead(broker)
  const verdict = judge({ planned, journal, statuses, dead, maxCrashes: DEFAULT_MAX_CRASHES })
  const seconds = (performance.now() - started) / 1_000
  return { ...verdict, kills, cutOff, sleeps, restarts, exits, mostErrorLines, seconds }
}

/** Resolves once a worker serves, by its own word and by the kernel's in the runtime that was asked for. */
async function serving(process: WorkerProcess, runtime: RuntimeName): Promise<void> {
  await process.said(`serving in ${runtime}:`)
  const program = programOf(process.pid)
  if (program !== programNamed(runtime)) throw new Error(`a worker for ${runtime} runs in ${program}`)
}

/** Jobs that a worker is in the middle of. */
function unfinished(folder: string, { pid }: WorkerProcess): number {
  return readUnfinished(folder, pid).filter(({ name }) => name === work.name).length
}

/** In one line. */
export function describe(report: CrashReport): string {
  const { kills, sleeps, restarts, done, exhausted, crashed, starts, repeats, seconds } = report
  const cutOff = Object.entries(report.cutOff).map(([runtime, count]) => `${count} jobs in ${runtime}`)
  return `${kills} kill -9 that cut off ${cutOff.join(', ')}; ${sleeps} slept through leases, ${restarts} crashes of the server, ${seconds.toFixed(0)} s: ${done} done, ${exhausted} dead of failures, ${crashed} of crashes, 0 lost; ${repeats} of ${starts} starts were repeats`
}
