import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createProducer } from '@isobar/core/producer'
import { DEFAULT_MAX_CRASHES } from '@isobar/core/worker'
import { startServer } from '../../../../scripts/services/postgres-server.ts'
import { postgres } from '../../src/postgres/index.ts'
import { countLeft, readDead, readStatuses } from '../broker-state.ts'
import { launchWorker } from '../worker-process.ts'
import { readJournal } from './journal.ts'
import { judge, type Verdict } from './judge.ts'
import { after, planJobs, work } from './plan.ts'

const QUEUES = [work.queue, after.queue]

/** How rough a crash test is. */
export interface Roughness {
  readonly jobs: number
  /** How long a job takes on average, in ms. */
  readonly ms: number
  readonly workers: number
  /**
   * Each time this has passed, in ms, a worker is killed and replaced at once; every third time it is stopped instead, and
   * goes on when its leases are over.
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
  const { jobs, ms, leaseMs, restartAfter, until, hurtEveryMs } = roughness
  const started = performance.now()
  await using cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isobar-crash-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  const server = cleanup.use(await startServer())
  const broker = cleanup.use(postgres(server.url, { retain: '1h' }))
  await broker.ready()

  const plan = planJobs(jobs, ms)
  const enqueued = await createProducer(broker).enqueueMany(work, plan)
  const planned = new Map(enqueued.map(({ id }, n) => [id, plan[n] ?? { fails: 0, ms }]))

  let mostErrorLines = 0
  const launch = () => {
    const worker = cleanup.use(launchWorker('crash-worker.ts', [server.url, folder, String(leaseMs)]))
    void worker.exit.then(() => {
      mostErrorLines = Math.max(mostErrorLines, worker.errors.split('\n').length)
    })
    return worker
  }
  const workers = Array.from({ length: roughness.workers }, launch)
  await Promise.all(workers.map((worker) => worker.said('serving')))

  let hurts = 0
  let kills = 0
  let sleeps = 0
  let restarts = 0
  while ('hurts' in until ? hurts < until.hurts : (await countLeft(broker, QUEUES)) > until.left) {
    await setTimeout(hurtEveryMs)
    const at = hurts % workers.length
    const worker = workers[at]
    hurts++
    if (hurts % 3 === 0) {
      worker?.kill('SIGSTOP')
      void setTimeout(leaseMs * 1.5).then(() => worker?.kill('SIGCONT'))
      sleeps++
    } else {
      worker?.kill('SIGKILL')
      await worker?.exit
      workers[at] = launch()
      kills++
    }
    if (!restartAfter.includes(hurts)) continue
    await server.stop('immediate')
    await server.start()
    restarts++
  }
  while ((await countLeft(broker, QUEUES)) > 0) await setTimeout(100)
  for (const worker of workers) worker.kill('SIGTERM')
  const exits = await Promise.all(workers.map((worker) => worker.exit))

  const journal = readJournal(folder)
  const statuses = await readStatuses(broker, [...planned.keys(), ...journal.map(({ id }) => id)])
  const dead = await readDead(broker)
  const verdict = judge({ planned, journal, statuses, dead, maxCrashes: DEFAULT_MAX_CRASHES })
  return { ...verdict, kills, sleeps, restarts, exits, mostErrorLines, seconds: (performance.now() - started) / 1_000 }
}

/** In one line. */
export function describe(report: CrashReport): string {
  const { kills, sleeps, restarts, done, exhausted, crashed, starts, repeats, seconds } = report
  return `${kills} kill -9, ${sleeps} slept through leases, ${restarts} crashes of the server, ${seconds.toFixed(0)} s: ${done} done, ${exhausted} dead of failures, ${crashed} of crashes, 0 lost; ${repeats} of ${starts} starts were repeats`
}
