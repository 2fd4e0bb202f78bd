import { readMemory, type Server, serve } from '@isobar/adapters/node'
import { exponential } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createMailApp } from '../app.ts'
import type { Ledger } from '../ledger.ts'
import { QUEUES } from '../queues.ts'
import { createTrace } from '../trace.ts'
import { createCollector } from './collect-garbage.ts'
import { compareEnds, Durations, type EndFigures, type MemoryPoint, slopeOf } from './figures.ts'
import type { DemoOptions } from './options.ts'
import { provideNode } from './providers.ts'
import { createSmtpMailer } from './smtp-mailer.ts'
import { startSmtpSink } from './smtp-sink.ts'
import { type DeadNote, startTraffic } from './traffic.ts'

/** Delays between attempts: the demo cannot wait production's 2 s … 300 s. */
const BACKOFF = exponential({ base: '20ms', max: '200ms' })

/** How long a job that nobody handles is put back. */
const UNKNOWN_AFTER = '1s'

/** Readings of the memory over a run, at most; and the jobs between two of them, at least. */
const READINGS = 60
const READING_EVERY = 50

/** Finished jobs that the broker remembers. */
const RETAIN = 100

/** Where a run stands. Figures are of the moment at which it was asked for. */
export interface DemoStatus {
  readonly total: number
  readonly ended: number
  readonly elapsedMs: number
  readonly ledger: Ledger
  /** What the ledger must be when all jobs have come to an end. */
  readonly expected: Ledger
  readonly deadNotes: readonly DeadNote[]
  /** Messages and bytes that the SMTP sink has taken. */
  readonly mail: { readonly messages: number; readonly bytes: number }
  readonly memory: readonly MemoryPoint[]
  /** Bytes that a job leaves behind; undefined until there are enough readings. */
  readonly slope: number | undefined
  readonly ends: { readonly first: EndFigures; readonly last: EndFigures }
}

/** A run of the demo. */
export interface Demo {
  readonly status: () => DemoStatus
  /** Resolves when every job has come to an end. */
  readonly finished: Promise<void>
  /** Drains the worker and ends what the demo started. */
  stop(): Promise<void>
}

/** What `startDemo` is told besides the options. */
export interface DemoHost {
  /** Whether SIGINT and SIGTERM drain the worker and end the process. */
  readonly signals: boolean
  /** Called when the worker has drained, before the process may end. */
  readonly onStop?: () => void
}

/** Starts the SMTP sink, the worker and the trace's traffic. */
export async function startDemo(options: DemoOptions, { signals, onStop }: DemoHost): Promise<Demo> {
  const trace = createTrace(options)
  const sink = await startSmtpSink()
  const app = provideNode(createMailApp({ backoff: BACKOFF, unknownAfter: UNKNOWN_AFTER }), {
    mailer: () => createSmtpMailer({ port: sink.port }),
  })
  const broker = createMemoryBroker({ retain: RETAIN })
  const durations = new Durations()
  const memory: MemoryPoint[] = []
  const read = createReader(memory, trace.jobs)
  let server: Server
  try {
    server = await serve(app, {
      broker,
      queues: QUEUES,
      concurrency: options.concurrency,
      signals,
      onStop: async () => {
        await sink.close()
        onStop?.()
      },
    })
  } catch (error) {
    await sink.close()
    throw error
  }
  const startedAt = performance.now()
  const traffic = startTraffic(app, broker, trace, { onLull: read, onEnd: (ms) => durations.add(ms) })
  app.hook('drain', () => traffic.stop())
  return {
    finished: traffic.finished,
    status: () => ({
      total: traffic.total,
      ended: traffic.ended,
      elapsedMs: performance.now() - startedAt,
      ledger: traffic.ledger,
      expected: trace.expected,
      deadNotes: traffic.deadNotes,
      mail: { ...sink.taken },
      memory,
      slope: slopeOf(memory),
      ends: compareEnds(durations, memory),
    }),
    stop: async () => {
      await server.stop()
    },
  }
}

/** Reads heap and external memory after a collection, when enough jobs have ended since the reading before. */
function createReader(memory: MemoryPoint[], jobs: number): (ended: number) => Promise<void> {
  const collect = createCollector()
  const every = Math.max(READING_EVERY, Math.ceil(jobs / READINGS))
  return async (ended) => {
    const before = memory.at(-1)
    if (before && ended - before.jobs < every) return
    await collect()
    memory.push({ jobs: ended, bytes: readMemory().total })
  }
}
