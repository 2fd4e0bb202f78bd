import type { App, Broker, DeadReason, HookEvents, StoredJob } from '@isobar/core'
import { type Ledger, LedgerKeeper } from '../ledger.ts'
import { type Trace, toJobSpec } from '../trace.ts'

/** Jobs enqueued at a time, once those before are done: the queue stays short, so that memory shows the worker's own. */
export const WAVE = 100

/** Dead letters left with the broker. Its memory is the demo's, so later ones are counted and discarded. */
export const DEAD_LETTERS_KEPT = 20

/** A dead letter as the summary tells it. */
export interface DeadNote {
  readonly id: string
  readonly name: string
  readonly reason: DeadReason
  readonly message: string
}

/** What `startTraffic` is told. */
export interface TrafficOptions {
  /** Called when nothing runs and nothing is ready, before the next wave: a good moment to read the memory. */
  readonly onLull?: (ended: number) => unknown
  /** Called with each job that came to an end, and how long its last attempt took. */
  readonly onEnd?: (durationMs: number) => void
}

/** A trace on its way through a worker. */
export interface Traffic {
  /** Jobs to come to an end, follow-ups included. */
  readonly total: number
  /** Jobs that came to an end. */
  readonly ended: number
  readonly ledger: Ledger
  /** The first dead letters, at most `DEAD_LETTERS_KEPT`. */
  readonly deadNotes: readonly DeadNote[]
  /** Resolves when every job has come to an end. Rejects when the broker takes no more. */
  readonly finished: Promise<void>
  /** Enqueues no more. */
  stop(): void
}

/**
 * Feeds a trace to a broker, a wave at a time, and keeps its ledger. A job is *open* from its enqueueing to its end; it
 * *waits* while a retry or a release delays it. The next wave goes out when no open job is without such a delay.
 */
export function startTraffic(app: App, broker: Broker, trace: Trace, options: TrafficOptions = {}): Traffic {
  const { onLull, onEnd } = options
  const ledger = new LedgerKeeper()
  const notes = new Map<string, DeadNote>()
  const waiting = new Set<string>()
  let fed = 0
  let open = 0
  let isStopped = false
  let isFeeding = false
  let isAsked = false
  let resolve: () => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const finished = new Promise<void>((...settle) => {
    ;[resolve, reject] = settle
  })

  const feed = async (): Promise<void> => {
    await onLull?.(ledger.ended)
    if (isStopped) return
    if (fed === trace.jobs) {
      if (open === 0) resolve()
      return
    }
    const wave = Math.min(WAVE, trace.jobs - fed)
    const specs = Array.from({ length: wave }, (_, at) => toJobSpec(trace.at(fed + at)))
    fed += wave
    open += wave
    await broker.send(specs)
  }
  const isQuiet = (): boolean => open === waiting.size
  const feedWhenQuiet = async (): Promise<void> => {
    isAsked = true
    if (isFeeding) return
    isFeeding = true
    try {
      while (isAsked && isQuiet()) {
        isAsked = false
        await feed()
      }
    } catch (error) {
      reject(error)
    } finally {
      isFeeding = false
    }
  }

  app.hook('start', ({ job }) => waiting.delete(job.id))
  app.hook('settle', ({ job, outcome, durationMs }) => {
    waiting.delete(job.id)
    if (outcome.kind === 'retry') ledger.countRetried()
    if (outcome.kind === 'retry' || outcome.kind === 'release') waiting.add(job.id)
    if (outcome.kind === 'ack') {
      ledger.countDone()
      open += (outcome.enqueue?.length ?? 0) - 1
      onEnd?.(durationMs)
    }
    if (outcome.kind !== 'dead') void feedWhenQuiet()
  })
  app.hook('dead', ({ job, reason, error }: HookEvents['dead']) => {
    ledger.countDead(reason)
    open--
    if (notes.size < DEAD_LETTERS_KEPT) note(notes, job, reason, error)
    else broker.deadLetters.discard({ ids: [job.id] }).catch(reject)
    void feedWhenQuiet()
  })
  void feedWhenQuiet()

  return {
    total: trace.jobs + trace.followUps,
    get ended() {
      return ledger.ended
    },
    get ledger() {
      return ledger.toLedger()
    },
    get deadNotes() {
      return [...notes.values()]
    },
    finished,
    stop() {
      isStopped = true
    },
  }
}

function note(notes: Map<string, DeadNote>, { id, name }: StoredJob, reason: DeadReason, error: unknown): void {
  notes.set(id, { id, name, reason, message: error instanceof Error ? error.message : String(error) })
}
