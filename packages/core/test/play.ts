import fc from 'fast-check'
import { expect } from 'vitest'
import { createApp } from '../src/app.ts'
import type { Broker } from '../src/broker.ts'
import { Unrecoverable } from '../src/errors.ts'
import { defineJob } from '../src/job.ts'
import { createMemoryBroker } from '../src/memory/index.ts'
import { createProducer } from '../src/producer.ts'
import { Release, RetryAfter } from '../src/retry.ts'
import type { FakeClock } from '../src/testing/fake-clock.ts'
import { override } from '../src/testing/override.ts'
import { inProcess } from '../src/worker/in-process.ts'
import { createWorker, type Worker } from '../src/worker/worker.ts'

const BEHAVIOURS = [
  'ok',
  'slow',
  'fails once',
  'always fails',
  'unrecoverable',
  'retry after',
  'releases once',
  'times out',
  'hangs once',
  'throws undefined',
  'bad disposer',
  'bad data',
] as const

type Behaviour = (typeof BEHAVIOURS)[number]

/** What happens to the workers while jobs run. */
export type Event =
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'crash' | 'stop' | 'pause' | 'deaf' | 'hear' }
  | { readonly kind: 'enqueue'; readonly jobs: readonly Behaviour[] }
  | { readonly kind: 'cancel'; readonly nth: number }

export const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 6_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('enqueue' as const),
      jobs: fc.array(fc.constantFrom(...BEHAVIOURS), { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash' as const, 'stop' as const, 'pause' as const, 'deaf' as const, 'hear' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), nth: fc.nat(50) }) },
)

/** A broker as one worker sees it: it can become unreachable for a while, or for good. */
function createLine(broker: Broker) {
  const line = { state: 'open' as 'open' | 'deaf' | 'dead' }
  const through = <T>(call: () => Promise<T>): Promise<T> => {
    if (line.state === 'dead') return new Promise(() => {})
    return line.state === 'deaf' ? Promise.reject(new Error('unreachable')) : call()
  }
  const seen = override(broker, {
    receive: (want) => through(() => broker.receive(want)),
    settle: (done) => through(() => broker.settle(done)),
    extend: (held, leaseMs) => through(() => broker.extend(held, leaseMs)),
    send: (specs, options) => through(() => broker.send(specs, options)),
  })
  return { line, seen }
}

/**
 * Plays events on workers, then lets everything come to its end, and expects every job to be done, dead or cancelled,
 * its follow-up sent exactly once if it was done and not at all if not, and no timer left.
 */
export async function play(events: readonly Event[], clock: FakeClock): Promise<void> {
  const broker = createMemoryBroker({ clock, retain: 100_000 })
  const job = defineJob<Behaviour>({
    name: 'job',
    timeout: '2s',
    retry: { attempts: 3, backoff: { kind: 'fixed', delayMs: 500 } },
  })
  const child = defineJob<string>({ name: 'child' })
  /** The ids of follow-ups by the job that enqueued them. (One may run twice, as any job.) */
  const followUps = new Map<string, Set<string>>()
  const app = () =>
    createApp({ clock, grace: '1s' })
      .on(job, async (ctx) => {
        await ctx.enqueue(child, ctx.job.id)
        const first = ctx.attempt === 1
        const never = new Promise<void>(() => {})
        const { signal, scope } = ctx
        const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms))
        switch (ctx.data) {
          case 'slow':
            return wait(1_500)
          case 'fails once':
            if (first) throw new Error('once')
            return
          case 'always fails':
            throw new Error('always')
          case 'unrecoverable':
            throw new Unrecoverable('for good')
          case 'retry after':
            if (first) throw new RetryAfter('1s')
            return
          case 'releases once':
            if (Math.floor(clock.now() / 1_000) % 2) throw new Release('300ms')
            return
          case 'times out':
            await Promise.race([
              never,
              new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
            ])
            return
          case 'hangs once':
            return first ? wait(10_000) : undefined
          case 'throws undefined':
            throw undefined
          case 'bad disposer':
            scope.defer(() => Promise.reject(new Error('bad disposer')))
            return
        }
      })
      .on(child, (ctx) => void followUps.set(ctx.data, (followUps.get(ctx.data) ?? new Set()).add(ctx.job.id)))
  const producer = createProducer(broker)
  const ids: string[] = []
  const lines: ReturnType<typeof createLine>['line'][] = []
  const workers: Worker[] = []
  const start = (): void => {
    const { line, seen } = createLine(broker)
    const worker = createWorker(seen, inProcess(app(), { concurrency: 20 }), {
      queues: ['default'],
      lease: '3s',
      clock,
      maxCrashes: 1_000,
    })
    worker.start()
    lines.push(line)
    workers.push(worker)
  }
  const stopping: Promise<unknown>[] = []
  start()
  for (const event of events) {
    const line = lines.at(-1)
    if (event.kind === 'advance') await clock.advance(event.ms)
    else if (event.kind === 'enqueue') {
      for (const behaviour of event.jobs) {
        const data = behaviour === 'bad data' ? (['x'] as never) : behaviour
        ids.push((await producer.enqueue(job, data)).id)
      }
    } else if (event.kind === 'cancel') await producer.cancel(ids[event.nth] ?? '')
    else if (event.kind === 'pause') workers.at(-1)?.pause()
    else if (event.kind === 'deaf' && line) line.state = 'deaf'
    else if (event.kind === 'hear' && line) line.state = 'open'
    else {
      if (event.kind === 'crash' && line) line.state = 'dead'
      const now = event.kind === 'crash'
      stopping.push(workers.at(-1)?.stop({ grace: now ? 0 : 500, abortGrace: now ? 0 : 100 }) ?? Promise.resolve())
      start()
    }
  }
  // Now let everything come to its end, with one worker that is well.
  for (const line of lines) if (line.state === 'deaf') line.state = 'open'
  if (workers.at(-1)?.state === 'paused') workers.at(-1)?.resume()
  await clock.advance(60_000)

  const dead = new Set((await broker.deadLetters.list({ limit: 1_000 })).items.map(({ id }) => id))
  for (const id of ids) {
    const status = await broker.get(id)
    const state = dead.has(id) ? 'dead' : status?.state
    expect(['done', 'dead', 'canceled'], `job ${id} is ${state}`).toContain(state)
    // A follow-up exists exactly once for a job that was acknowledged, and not at all for one that was not.
    expect(followUps.get(id)?.size ?? 0, `follow-ups of job ${id}, ${state}`).toBe(state === 'done' ? 1 : 0)
  }
  expect(await broker.stats(['default'])).toMatchObject([{ ready: 0, delayed: 0, active: 0, dead: dead.size }])
  stopping.push(...workers.map((worker) => worker.stop({ grace: 0, abortGrace: 0 })))
  await clock.advance(20_000)
  await Promise.all(stopping)
  await broker[Symbol.asyncDispose]()
  expect(clock.pending).toBe(0)
}
