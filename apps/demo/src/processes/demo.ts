import * as node from '@isobar/adapters/node'
import { Scope } from '@isobar/core'
import { createMailApp } from '../app.ts'
import type { Ledger } from '../ledger.ts'
import { QUEUES } from '../queues.ts'
import { createTrace, type Trace, toBusyAddress, toIndex } from '../trace.ts'
import type { Adapter } from './adapter.ts'
import { BACKOFF, UNKNOWN_AFTER } from './app-options.ts'
import { createCollector } from './collect-garbage.ts'
import type { DeadNote } from './dead-notes.ts'
import { openEngine } from './engine.ts'
import { compareEnds, Durations, type EndFigures, type MemoryPoint, slopeOf } from './figures.ts'
import { createHookClient } from './hook-client.ts'
import { startHookSink } from './hook-sink.ts'
import type { DemoOptions } from './options.ts'
import { provideNode } from './providers.ts'
import type { Progress, Run } from './run.ts'
import { createSmtpMailer } from './smtp-mailer.ts'
import { type SmtpSink, startSmtpSink } from './smtp-sink.ts'
import { startTraffic, type Traffic } from './traffic.ts'

/** After kill -9 the jobs that the process had come back when their leases end: production's 30 s are long to watch. */
const LEASE = '5s'

/** Kills that a job survives: whoever tries kill -9 once more is not a job that takes workers down. */
const MAX_CRASHES = 100

/** Readings of the memory over a run, at most; and the jobs between two of them, at least. */
const READINGS = 60
const READING_EVERY = 50

/** Notices of the engine that are kept. */
const MAX_NOTICES = 5

/** Where a run stands. Figures are of the moment at which it was asked for. */
export interface DemoStatus {
  readonly total: number
  readonly ended: number
  /** Those of them that had ended before this process began. */
  readonly endedBefore: number
  /** Times that a process has worked on the run, this one included. */
  readonly starts: number
  /** Whether the next start goes on with what is left. */
  readonly goesOn: boolean
  /** Jobs that a dead worker had, or whose lease was lost, and that were handed out again. */
  readonly crashed: Progress['crashed']
  readonly elapsedMs: number
  readonly ledger: Ledger
  /** What the ledger must be when all jobs have come to an end. */
  readonly expected: Ledger
  readonly deadNotes: readonly DeadNote[]
  /** What the engine would have an operator know. */
  readonly notices: readonly string[]
  /** Messages and bytes that the SMTP sink has taken. It lives and dies with this process. */
  readonly mail: { readonly messages: number; readonly bytes: number }
  readonly memory: readonly MemoryPoint[]
  /** Bytes that a job leaves behind; undefined until there are enough readings. */
  readonly slope: number | undefined
  readonly ends: { readonly first: EndFigures; readonly last: EndFigures }
}

/** A run of the demo. */
export interface Demo {
  readonly run: Pick<Run, 'jobs' | 'seed' | 'starts'>
  readonly status: () => DemoStatus
  /** Resolves when every job has come to an end. */
  readonly finished: Promise<void>
  /** Drains the worker and ends what the demo started. */
  stop(): Promise<void>
}

/** What `startDemo` is told. */
export type RunOptions = Omit<DemoOptions, 'serve' | 'leak'> & Partial<Pick<DemoOptions, 'leak'>>

/** What `startDemo` is told besides the options. */
export interface DemoHost {
  /** Whether SIGINT and SIGTERM drain the worker and end the process. */
  readonly signals: boolean
  /** The runtime's. Default: Node's. */
  readonly adapter?: Adapter
  /** Called when the worker has drained, before the process may end. */
  readonly onStop?: () => void
}

/**
 * Opens the engine, and starts the SMTP sink, the worker and what is left of the trace's traffic.
 * @throws {IsobarError} when the engine cannot be had, or its run cannot be gone on with.
 */
export async function startDemo(options: RunOptions, { signals, adapter = node, onStop }: DemoHost): Promise<Demo> {
  const scope = new Scope()
  try {
    const notices = new Set<string>()
    const engine = await openEngine(options.place, (notice) => {
      if (notices.size < MAX_NOTICES) notices.add(notice)
    })
    scope.defer(() => engine.close())
    const run = await engine.openRun(options)
    const trace = createTrace(run)
    const sink = scope.use(await startSmtpSink())
    const hooks = scope.use(await startHookSink())
    remind(sink, run, trace)
    const app = provideNode(createMailApp({ backoff: BACKOFF, unknownAfter: UNKNOWN_AFTER, canLeak: true }), {
      mailer: () => createSmtpMailer({ port: sink.port }),
      http: () => createHookClient(hooks.port),
      leak: { isOn: options.leak ?? false },
      ...(engine.tables && { tables: engine.tables }),
    })
    const { broker, keepDead } = engine
    const durations = new Durations()
    const memory: MemoryPoint[] = []
    const startedAt = performance.now()
    const traffic = await startTraffic(app, broker, trace, run, {
      keepDead,
      onLull: createReader(memory, trace.jobs, adapter),
      onEnd: (ms) => durations.add(ms),
    })
    scope.defer(() => traffic.stop())
    app.hook('drain', () => traffic.stop())
    const server = await adapter.serve(app, {
      broker,
      queues: QUEUES,
      concurrency: options.concurrency,
      lease: LEASE,
      maxCrashes: MAX_CRASHES,
      signals,
      onStop: async () => {
        await scope[Symbol.asyncDispose]()
        onStop?.()
      },
    })
    return {
      run,
      finished: traffic.finished,
      status: () => ({
        ...toFigures(traffic),
        starts: run.starts,
        notices: [...notices],
        goesOn: run.read !== undefined,
        elapsedMs: performance.now() - startedAt,
        expected: trace.expected,
        mail: { ...sink.taken },
        memory,
        slope: slopeOf(memory),
        ends: compareEnds(durations, memory),
      }),
      stop: async () => {
        await server.stop()
      },
    }
  } catch (error) {
    await scope[Symbol.asyncDispose]()
    throw error
  }
}

/** The recipients' servers remember whom they have put off, and the sink that plays them was restarted. */
function remind(sink: SmtpSink, { from }: Run, trace: Trace): void {
  for (const { id, attempt } of from.open) {
    const index = toIndex(id)
    if (index === undefined) continue
    const fate = trace.fateOf(index)
    if (fate.kind === 'busy') sink.remind(toBusyAddress(fate, index), attempt - 1)
  }
}

function toFigures(
  traffic: Traffic,
): Pick<DemoStatus, 'total' | 'ended' | 'endedBefore' | 'ledger' | 'crashed' | 'deadNotes'> {
  const { total, ended, endedBefore, ledger, crashed, deadNotes } = traffic
  return { total, ended, endedBefore, ledger, crashed, deadNotes }
}

/** Reads heap and external memory after a collection, when enough jobs have ended since the reading before. */
function createReader(memory: MemoryPoint[], jobs: number, { readMemory }: Adapter): (ended: number) => Promise<void> {
  const collect = createCollector()
  const every = Math.max(READING_EVERY, Math.ceil(jobs / READINGS))
  return async (ended) => {
    const before = memory.at(-1)
    if (before && ended - before.jobs < every) return
    await collect()
    memory.push({ jobs: ended, bytes: readMemory().total })
  }
}
