import type { App, Broker, HookEvents } from '@isobar/core'
import { type Ledger, LedgerKeeper } from '../ledger.ts'
import { type Trace, toJobSpec } from '../trace.ts'
import { DeadNotes } from './dead-notes.ts'
import type { Progress, Run } from './run.ts'

/** Jobs enqueued at a time, once those before are done: the queue stays short, so that memory shows the worker's own. */
export const WAVE = 100

/** When nothing has happened for so long, the engine is asked where the run stands, in ms. */
const STILL_MS = 250

/** What `startTraffic` is told. */
export interface TrafficOptions {
  /** Dead letters left with the broker; later ones are counted and discarded. Default: all. */
  readonly keepDead?: number
  /** Called when nothing runs and nothing is ready, before the next wave: a good moment to read the memory. */
  readonly onLull?: (endedHere: number) => unknown
  /** Called with each job that was done, and how long its last attempt took. */
  readonly onEnd?: (durationMs: number) => void
}

/** A trace on its way through a worker. */
export interface Traffic {
  /** Jobs to come to an end, follow-ups included. */
  readonly total: number
  /** Jobs that came to an end. */
  readonly ended: number
  /** Those of them that had before this process began. */
  readonly endedBefore: number
  readonly ledger: Ledger
  /** What came back from dead workers and lost leases, as far as the engine was asked. */
  readonly crashed: Progress['crashed']
  /** Some dead letters. */
  readonly deadNotes: DeadNotes['all']
  /** Resolves when every job has come to an end. Rejects when the engine takes no more. */
  readonly finished: Promise<void>
  /** Enqueues no more. */
  stop(): void
}

/**
 * Feeds the rest of a trace to a broker, a wave at a time, and keeps its ledger. A job is *open* from its enqueueing to
 * its end; it *waits* while a retry, a release, a dead worker's lease or its own delay holds it back. The next wave goes out when no open
 * job is without such a delay.
 *
 * Hooks tell what happens here, and set the pace. They are told before the engine is, and of what it may refuse; so
 * where the engine remembers, it has the last word: it is asked at the end, and whenever all is still.
 */
export async function startTraffic(
  app: App,
  broker: Broker,
  trace: Trace,
  run: Run,
  options: TrafficOptions = {},
): Promise<Traffic> {
  const { onLull, onEnd, keepDead = Number.POSITIVE_INFINITY } = options
  const ledger = new LedgerKeeper()
  const notes = await DeadNotes.of(broker)
  const waiting = new Set<string>()
  let { fed, crashed } = run.from
  let open = 0
  let happenedAt = performance.now()
  let isStopped = false
  let isFeeding = false
  let isAsked = false
  let dead = 0
  let resolve: () => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const finished = new Promise<void>((...settle) => {
    ;[resolve, reject] = settle
  })

  const adopt = (progress: Progress): void => {
    ledger.adopt(progress.counts)
    crashed = progress.crashed
    fed = progress.fed
    open = progress.open.length
    waiting.clear()
    for (const { id, waits } of progress.open) if (waits) waiting.add(id)
  }
  adopt(run.from)
  const endedBefore = ledger.ended
  const isOver = (): boolean => fed === trace.jobs && open === 0
  const isQuiet = (): boolean => open <= waiting.size

  const look = async (): Promise<void> => {
    if (run.read) adopt(await run.read())
  }
  const feed = async (): Promise<void> => {
    await onLull?.(ledger.ended - endedBefore)
    if (isStopped) return
    if (isOver()) {
      await look()
      if (isOver()) end()
    }
    if (fed === trace.jobs) return
    const from = fed
    const specs = Array.from({ length: Math.min(WAVE, trace.jobs - from) }, (_, at) => toJobSpec(trace.at(from + at)))
    // Before they go out: some may be done when the answer comes.
    fed += specs.length
    open += specs.length
    await run.feed(specs, fed)
  }
  const feedWhenQuiet = async (): Promise<void> => {
    isAsked = true
    if (isFeeding || isStopped) return
    isFeeding = true
    try {
      while (isAsked && isQuiet()) {
        isAsked = false
        await feed()
      }
    } catch (error) {
      fail(error)
    } finally {
      isFeeding = false
    }
  }
  const lookWhenStill = (): void => {
    if (isFeeding || isStopped || performance.now() - happenedAt < STILL_MS) return
    happenedAt = performance.now()
    look().then(feedWhenQuiet, fail)
  }
  const watch = run.read ? setInterval(lookWhenStill, STILL_MS) : undefined
  const end = (): void => {
    clearInterval(watch)
    resolve()
  }
  const fail = (error: unknown): void => {
    clearInterval(watch)
    // An engine that closes while a wave goes out is asked no more: the wave is in it, or not fed.
    if (!isStopped) reject(error)
  }

  app.hook('start', ({ job }) => {
    happenedAt = performance.now()
    waiting.delete(job.id)
  })
  app.hook('settle', ({ job, outcome, durationMs }) => {
    happenedAt = performance.now()
    waiting.delete(job.id)
    if (outcome.kind === 'retry') ledger.countRetried()
    if (outcome.kind === 'retry' || outcome.kind === 'release') waiting.add(job.id)
    if (outcome.kind === 'ack') {
      ledger.countDone()
      open += (outcome.enqueue?.length ?? 0) - 1
      for (const { id, delayMs } of outcome.enqueue ?? []) if (id !== undefined && delayMs > 0) waiting.add(id)
      onEnd?.(durationMs)
    }
    if (outcome.kind !== 'dead') void feedWhenQuiet()
  })
  app.hook('dead', ({ job, reason, error }: HookEvents['dead']) => {
    happenedAt = performance.now()
    ledger.countDead(reason)
    waiting.delete(job.id)
    open--
    notes.add({ id: job.id, name: job.name, reason, message: error instanceof Error ? error.message : String(error) })
    if (++dead > keepDead) broker.deadLetters.discard({ ids: [job.id] }).catch(fail)
    void feedWhenQuiet()
  })
  void feedWhenQuiet()

  return {
    total: trace.jobs + trace.followUps,
    get ended() {
      return ledger.ended
    },
    endedBefore,
    get ledger() {
      return ledger.toLedger()
    },
    get crashed() {
      return crashed
    },
    get deadNotes() {
      return notes.all
    },
    finished,
    stop() {
      isStopped = true
      clearInterval(watch)
    },
  }
}
