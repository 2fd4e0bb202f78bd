import { createApp } from '../app.ts'
import type { Broker, Want } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { defineJob } from '../job.ts'
import { createProducer } from '../producer.ts'
import { inProcess } from '../worker/in-process.ts'
import { createWorker, type Worker } from '../worker/worker.ts'
import { check } from './assert.ts'
import { createCountingClock } from './counting-clock.ts'
import { override } from './override.ts'

/** What a stressed worker may be asked to do. */
const ACTIONS = ['start', 'pause', 'resume', 'stop', 'enqueue', 'wait'] as const

/** Jobs that one `enqueue` adds. */
const BATCH = 5

/** Options of `stressWorker`. */
export interface StressOptions {
  /** Makes a broker of its own for each sequence, on the clock it is given. Disposed by the stress. */
  readonly createBroker: (options: { readonly clock: Clock }) => Broker | Promise<Broker>
  /** Sequences in all. Default 1,000. */
  readonly sequences?: number
  /** Actions in a sequence. Default 8. */
  readonly actions?: number
  /** Where the random numbers start. Default 1. */
  readonly seed?: number
}

/** What was done. */
export interface StressReport {
  readonly sequences: number
  readonly enqueued: number
  readonly done: number
  readonly stillQueued: number
}

/**
 * Starts, pauses, resumes and stops workers in random order, twice and at once, while jobs come in, and fails when a
 * timer, a listener on a receive's signal or a job is left behind: every job must be done, or still be queued.
 * @throws when something is left, naming the sequence by its seed.
 */
export async function stressWorker(options: StressOptions): Promise<StressReport> {
  const { sequences = 1_000, actions = 8, seed = 1 } = options
  const total = { enqueued: 0, done: 0, stillQueued: 0 }
  for (let at = 0; at < sequences; at++) {
    const report = await runSequence(options.createBroker, actions, seed + at)
    total.enqueued += report.enqueued
    total.done += report.done
    total.stillQueued += report.stillQueued
  }
  return { sequences, ...total }
}

async function runSequence(
  createBroker: StressOptions['createBroker'],
  actions: number,
  seed: number,
): Promise<Omit<StressReport, 'sequences'>> {
  const random = createRandom(seed)
  const clock = createCountingClock()
  const listeners = { count: 0 }
  const broker = await createBroker({ clock })
  const before = clock.pending
  const queue = `stress-${seed}`
  const job = defineJob({ name: 'stress', queue })
  let done = 0
  const app = createApp({ clock }).on(job, async () => {
    if (random() < 0.5) await Promise.resolve()
    done++
  })
  const worker = createWorker(countListeners(broker, listeners), inProcess(app, { concurrency: 3 }), {
    queues: [queue],
    clock,
  })
  const producer = createProducer(broker)
  let enqueued = 0
  const stops: Promise<unknown>[] = []
  const act: Record<(typeof ACTIONS)[number], () => unknown> = {
    start: () => attempt(worker, () => worker.start()),
    pause: () => worker.pause(),
    resume: () => attempt(worker, () => worker.resume()),
    stop: () => stops.push(worker.stop()),
    enqueue: async () => {
      await producer.enqueueMany(
        job,
        Array.from({ length: BATCH }, () => null),
      )
      enqueued += BATCH
    },
    wait: () => new Promise<void>((resolve) => clock.setTimeout(resolve, 0)),
  }
  for (let at = 0; at < actions; at++) {
    const action = ACTIONS[Math.floor(random() * ACTIONS.length)] ?? 'wait'
    const acted = act[action]()
    if (random() < 0.7) await acted
    else stops.push(Promise.resolve(acted))
  }
  await Promise.all([...stops, worker.stop()])
  const [stats] = await broker.stats([queue])
  const stillQueued = (stats?.ready ?? 0) + (stats?.delayed ?? 0)
  const where = `sequence ${seed}`
  check(stats?.active === 0, `${where}: ${stats?.active} jobs are still handed out`)
  check(done + stillQueued === enqueued, `${where}: ${enqueued} enqueued, ${done} done, ${stillQueued} queued`)
  check(worker.state === 'stopped', `${where}: the worker is ${worker.state}`)
  check(clock.pending <= before, `${where}: ${clock.pending - before} timers are left`)
  check(listeners.count === 0, `${where}: ${listeners.count} listeners are left on signals`)
  await broker[Symbol.asyncDispose]()
  check(clock.pending === 0, `${where}: ${clock.pending} timers outlive the broker`)
  return { enqueued, done, stillQueued }
}

/** A stopped worker refuses to start, which is right; anything else is not. */
function attempt(worker: Worker, action: () => void): void {
  try {
    action()
  } catch (error) {
    const { code } = error as { code?: unknown }
    check(code === 'WORKER_STOPPED', `worker ${worker.id} failed in state ${worker.state}: ${String(error)}`)
  }
}

/** The broker, with the listeners counted that its receives put on their signals. */
function countListeners(broker: Broker, listeners: { count: number }): Broker {
  const receive = async (want: Want): ReturnType<Broker['receive']> => {
    const { signal } = want
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    const own = new Set<unknown>()
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      if (!own.has(args[1])) listeners.count++
      own.add(args[1])
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      if (own.delete(args[1])) listeners.count--
      remove(...args)
    }
    return broker.receive(want)
  }
  return override(broker, { receive })
}

/** Mulberry32 (T. Ettinger, 2017): small, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
