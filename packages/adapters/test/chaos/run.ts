import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createProducer } from '@isobar/core/producer'
import { postgres } from '../../src/postgres/index.ts'
import { countLeft, readDead, readStatuses } from '../broker-state.ts'
import { readJournal } from '../crash/journal.ts'
import { after } from '../crash/plan.ts'
import { createDatabase } from '../database.ts'
import { childrenOf, gone } from '../processes.ts'
import { type RuntimeName, toRuntimeCommand } from '../runtimes.ts'
import { launchWorker } from '../worker-process.ts'
import { type ChaosVerdict, judgeChaos } from './judge.ts'
import { type Dose, planChaos, task } from './plan.ts'

const QUEUES = [task.queue, after.queue]

/** How wild it gets. */
export interface Wildness {
  /** What the supervisor and its isolates run on. Default `node`. */
  readonly runtime?: RuntimeName
  readonly jobs: number
  /** How long a job takes on average, in ms. */
  readonly ms: number
  /** Jobs that do mischief of their own accord. */
  readonly dose: Dose
  /** Each time this has passed, in ms, an isolate is killed from outside; every third time it is stopped instead. */
  readonly hurtEveryMs: number
}

/** What happened. */
export interface ChaosReport extends ChaosVerdict {
  readonly jobs: number
  readonly kills: number
  readonly stops: number
  /** Crashes of the jobs' own, by kind. */
  readonly crashes: Readonly<Record<string, number>>
  /** Isolates replaced, by cause, as the hook `recycle` heard it. */
  readonly recycles: Readonly<Record<string, number>>
  /** How many the hook `dead` heard of. */
  readonly deadHeard: number
  readonly seconds: number
  readonly exit: number | string
  /** Processes of the supervisor's that were left after it had ended. */
  readonly left: readonly number[]
  readonly errors: string
}

/** Runs jobs that end their isolates, while isolates are ended from outside, and judges the end. */
export async function runChaos({ runtime = 'node', jobs, ms, dose, hurtEveryMs }: Wildness): Promise<ChaosReport> {
  await using cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isobar-chaos-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  for (const name of ['journal', 'marks']) mkdirSync(join(folder, name))
  const { url } = cleanup.use(await createDatabase())
  const broker = cleanup.use(postgres(url, { retain: '1h' }))
  await broker.ready()

  const plan = planChaos(jobs, ms, dose)
  const enqueued = await createProducer(broker).enqueueMany(task, plan)
  const planned = new Map(enqueued.map(({ id }, n) => [id, plan[n] ?? { fails: 0, ms }]))

  const args = [url, folder, ...toRuntimeCommand(runtime).isolateFlags]
  const supervisor = cleanup.use(launchWorker('chaos-supervisor.ts', args, [], { runtime }))
  await supervisor.said(`serving in ${runtime}`)
  const started = performance.now()
  let ended = false
  void supervisor.exit.then(() => {
    ended = true
  })
  // What it has left behind when it ends by itself is judged as lost.
  for (let hurts = 1; !ended && (await countLeft(broker, QUEUES)) > 0; await setTimeout(100)) {
    if (performance.now() - started < hurts * hurtEveryMs) continue
    supervisor.tell(`hurt ${hurts % 3 === 0 ? 'SIGSTOP' : 'SIGKILL'}`)
    hurts++
  }
  const seconds = (performance.now() - started) / 1_000
  const children = childrenOf(supervisor.pid).map(({ pid }) => pid)
  supervisor.kill('SIGTERM')
  const exit = await supervisor.exit
  const left = await gone(children, 1_000)

  const journal = readJournal(join(folder, 'journal'))
  const statuses = await readStatuses(broker, [...planned.keys(), ...journal.map(({ id }) => id)])
  const tellsThrower = runtime !== 'deno'
  const verdict = judgeChaos({ planned, journal, statuses, dead: await readDead(broker), tellsThrower })
  const heard = (start: string): string[] => supervisor.lines.filter((line) => line.startsWith(start))
  return {
    ...verdict,
    jobs,
    kills: heard('hurt').filter((line) => line.endsWith('SIGKILL')).length,
    stops: heard('hurt').filter((line) => line.endsWith('SIGSTOP')).length,
    crashes: countBy(journal.flatMap(({ how }) => how ?? [])),
    recycles: countBy(heard('recycle').map((line) => line.split(' ')[1] ?? '')),
    deadHeard: heard('dead').length,
    seconds,
    exit,
    left,
    errors: supervisor.errors,
  }
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]))
}

/** In one line. */
export function describe(report: ChaosReport): string {
  const { jobs, seconds, crashes, kills, stops, recycles, done, exhausted, crashed, charged, starts, repeats } = report
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
  const lost = jobs - done - exhausted - crashed
  return `${jobs.toLocaleString('en')} jobs, ${seconds.toFixed(0)} s; crashes: ${list(crashes)}; from outside: ${kills} kill -9, ${stops} stopped; isolates replaced: ${list(recycles)}; ${done} done, ${exhausted} dead of failures, ${crashed} of crashes, ${lost} lost; ${repeats} of ${starts} starts were repeats, ${charged} charged, ${report.besides} beside an exception of another's`
}
