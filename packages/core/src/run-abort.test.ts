import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { codeOf, toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { JobContext } from './context.ts'
import { type AbortReason, ShutdownError, TimeoutError } from './errors.ts'
import { defineJob } from './job.ts'
import { JobCanceledError, LeaseLostError } from './lost-errors.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const job = defineJob({
  name: 'job',
  timeout: '10s',
  retry: { attempts: 2, backoff: { kind: 'fixed', delayMs: 1_000 } },
})
const { job: stored } = toDelivery('job')

function setUp(handler: (ctx: JobContext<null>) => unknown) {
  const clock = createFakeClock()
  return { clock, app: createApp({ clock, grace: '5s' }).on(job, handler) }
}

/** Waits for a signal to abort, and rejects with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** Counts the rejections that nobody handled, while a test runs. */
const unhandled: unknown[] = []
const count = (error: unknown): void => void unhandled.push(error)
beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', count)
})
afterEach(() => {
  process.off('unhandledRejection', count)
})

describe('a handler that heeds its signal', () => {
  const reasons: readonly (readonly [string, AbortReason, object])[] = [
    [
      'timeout',
      new TimeoutError(stored, 10_000),
      { kind: 'retry', delayMs: 1_000, error: { code: 'JOB_TIMEOUT', abandoned: false } },
    ],
    ['shutdown', new ShutdownError(stored), { kind: 'release', error: { code: 'SHUTDOWN' } }],
    ['cancel', new JobCanceledError(stored), { kind: 'release', error: { code: 'JOB_CANCELED' } }],
    ['lost lease', new LeaseLostError(stored), { kind: 'release', error: { code: 'LEASE_LOST' } }],
  ]
  test.each(reasons)('%s: is told why, and its job settled accordingly', async (_, reason, outcome) => {
    let told: unknown
    const { app, clock } = setUp((ctx) => {
      ctx.signal.addEventListener('abort', () => {
        told = ctx.signal.reason
      })
      return aborted(ctx.signal)
    })
    const run = app.start(toDelivery('job'))
    run.abort(reason)
    expect(await run.outcome).toMatchObject(outcome)
    expect(told).toBe(reason)
    expect({ abandoned: run.abandoned, pending: clock.pending }).toEqual({ abandoned: false, pending: 0 })
    await run.ended()
  })

  test('may throw what it likes: the reason decides', async () => {
    const { app } = setUp(async (ctx) => {
      await aborted(ctx.signal).catch(() => {})
      throw new Error('the connection was closed')
    })
    const run = app.start(toDelivery('job'))
    run.abort(new ShutdownError(stored))
    expect(await run.outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
  })

  test('and asks for it only after the abort finds it aborted', async () => {
    const goOn = Promise.withResolvers<void>()
    const { app } = setUp(async (ctx) => {
      await goOn.promise
      ctx.signal.throwIfAborted()
    })
    const run = app.start(toDelivery('job'))
    run.abort(new ShutdownError(stored))
    goOn.resolve()
    expect(await run.outcome).toMatchObject({ kind: 'release' })
  })
})

test('the first reason stands', async () => {
  const { app } = setUp((ctx) => aborted(ctx.signal))
  const run = app.start(toDelivery('job'))
  run.abort(new JobCanceledError(stored))
  run.abort(new ShutdownError(stored))
  expect(codeOf(await run.outcome)).toBe('JOB_CANCELED')
})

describe('timeout', () => {
  test('aborts; a handler that returns within the grace is acked', async () => {
    const { app, clock } = setUp(async (ctx) => {
      const reason = await aborted(ctx.signal).catch((error: { code?: unknown }) => error)
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 4_999))
      return reason.code
    })
    const outcome = app.run(toDelivery('job'))
    await clock.advance(14_999)
    expect(await outcome).toEqual({ kind: 'ack', result: 'JOB_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  test('after the grace the run is abandoned: charged, its context revoked, and it ends when the handler does', async () => {
    const goOn = Promise.withResolvers<void>()
    const seen: unknown[] = []
    const { app, clock } = setUp(async (ctx) => {
      await goOn.promise
      try {
        seen.push(ctx.data)
      } catch (error) {
        seen.push((error as { code?: unknown }).code)
      }
      throw new Error('long after')
    })
    const run = app.start(toDelivery('job'))
    let ended = false
    await clock.advance(14_999)
    expect(run.abandoned).toBe(false)
    await clock.advance(1)
    expect(await run.outcome).toMatchObject({
      kind: 'retry',
      delayMs: 1_000,
      error: { code: 'JOB_TIMEOUT', abandoned: true },
    })
    expect(clock.pending).toBe(0)
    void run.ended().then(() => {
      ended = true
    })
    await clock.advance(60_000)
    expect({ abandoned: run.abandoned, ended }).toEqual({ abandoned: true, ended: false })
    goOn.resolve()
    await run.ended()
    expect(seen).toEqual(['JOB_SETTLED'])
  })

  test('on the last attempt it is dead, and does not charge twice', async () => {
    const { app, clock } = setUp(() => new Promise(() => {}))
    const outcome = app.run(toDelivery('job', null, { attempt: 2 }))
    await clock.advance(15_000)
    expect(await outcome).toMatchObject({ kind: 'dead', reason: 'exhausted', error: { code: 'JOB_TIMEOUT' } })
  })

  test('false is none', async () => {
    const clock = createFakeClock()
    const endless = defineJob({ name: 'job', timeout: false })
    const app = createApp({ clock }).on(endless, () => new Promise(() => {}))
    app.start(toDelivery('job'))
    expect(clock.pending).toBe(0)
  })

  test('covers a schema that hangs; the handler then does not start', async () => {
    const answer = Promise.withResolvers<{ value: number }>()
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: () => answer.promise } }
    const clock = createFakeClock()
    let starts = 0
    const app = createApp({ clock, grace: '5s' }).on(
      defineJob({ name: 'job', timeout: '10s', data: schema }),
      () => starts++,
    )
    const given = app.start(toDelivery('job'))
    const aborted = app.start(toDelivery('job'))
    await clock.advance(11_000)
    aborted.abort(new ShutdownError(stored))
    await clock.advance(4_000)
    expect(await given.outcome).toMatchObject({ kind: 'retry', error: { code: 'JOB_TIMEOUT', abandoned: true } })
    answer.resolve({ value: 1 })
    await given.ended()
    await aborted.ended()
    expect(starts).toBe(0)
  })

  test('of a job whose data is still being checked keeps its handler from starting', async () => {
    const answer = Promise.withResolvers<{ value: number }>()
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate: () => answer.promise } }
    let starts = 0
    const app = createApp().on(defineJob({ name: 'job', data: schema }), () => starts++)
    const run = app.start(toDelivery('job'))
    run.abort(new ShutdownError(stored))
    answer.resolve({ value: 1 })
    expect(await run.outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
    expect(starts).toBe(0)
  })
})

test('shutdown, cancel and a lost lease give a handler that goes on back, uncharged', async () => {
  for (const reason of [new ShutdownError(stored), new JobCanceledError(stored), new LeaseLostError(stored)]) {
    const { app, clock } = setUp(() => new Promise(() => {}))
    const run = app.start(toDelivery('job'))
    run.abort(reason, 100)
    await clock.advance(99)
    expect(run.abandoned).toBe(false)
    await clock.advance(1)
    expect(await run.outcome).toMatchObject({ kind: 'release', error: reason })
    expect(run.abandoned).toBe(true)
  }
})

test('a result that its schema refuses is that, also when the job was aborted meanwhile', async () => {
  const typed = defineJob({ name: 'job', data: z.null(), result: z.object({ id: z.string() }) })
  const app = createApp().on(typed, async (ctx) => {
    await aborted(ctx.signal).catch(() => {})
    return {} as { id: string }
  })
  const run = app.start(toDelivery('job'))
  run.abort(new TimeoutError(stored, 1))
  expect(await run.outcome).toMatchObject({ kind: 'dead', reason: 'invalid-result', error: { code: 'INVALID_RESULT' } })
})

describe('after the handler has ended its signal never aborts', () => {
  test('a success leaves no unhandled rejection, however long its listeners live', async () => {
    const emitter = new EventEmitter()
    let signal: AbortSignal | undefined
    const { app, clock } = setUp((ctx) => {
      signal = ctx.signal
      void once(emitter, 'never', { signal: ctx.signal })
    })
    const shutdown = new AbortController()
    const run = app.start(toDelivery('job'))
    expect(await app.run(toDelivery('job'), { signal: shutdown.signal })).toEqual({ kind: 'ack' })
    expect(await run.outcome).toEqual({ kind: 'ack' })
    shutdown.abort()
    run.abort(new ShutdownError(stored))
    await clock.advance(60_000)
    await new Promise(setImmediate)
    expect({ aborted: signal?.aborted, unhandled }).toEqual({ aborted: false, unhandled: [] })
  })

  test('nor while what it opened is being released, or its result checked', async () => {
    const emitter = new EventEmitter()
    const open = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    const clock = createFakeClock()
    const slow = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => open.promise.then(() => ({ value })),
      },
    }
    const checked = defineJob({ name: 'checked', data: z.null(), result: slow })
    const handler = (ctx: JobContext<null>): string => {
      signals.push(ctx.signal)
      void once(emitter, 'never', { signal: ctx.signal })
      ctx.scope.defer(() => open.promise)
      return 'done'
    }
    const app = createApp({ clock, grace: '5s' }).on(job, handler).on(checked, handler)
    const runs = [app.start(toDelivery('job')), app.start(toDelivery('checked'))]
    for (const run of runs) run.abort(new ShutdownError(stored))
    open.resolve()
    for (const run of runs) expect(await run.outcome).toEqual({ kind: 'ack', result: 'done' })
    await new Promise(setImmediate)
    expect({ aborted: signals.map((signal) => signal.aborted), unhandled }).toEqual({
      aborted: [false, false],
      unhandled: [],
    })
  })

  test('nor after a failure, while what it opened is being released', async () => {
    const open = Promise.withResolvers<void>()
    let signal: AbortSignal | undefined
    const { app } = setUp((ctx) => {
      signal = ctx.signal
      ctx.scope.defer(() => open.promise)
      throw new Error('no')
    })
    const run = app.start(toDelivery('job'))
    run.abort(new ShutdownError(stored))
    open.resolve()
    expect(await run.outcome).toMatchObject({ kind: 'retry', error: new Error('no') })
    expect(signal?.aborted).toBe(false)
  })

  test('but an abort still cuts a release short', async () => {
    const { app, clock } = setUp((ctx) => ctx.scope.defer(() => new Promise(() => {})))
    const run = app.start(toDelivery('job'))
    run.abort(new ShutdownError(stored), 100)
    await clock.advance(100)
    expect(await run.outcome).toEqual({ kind: 'ack' })
    expect(run.abandoned).toBe(true)
  })
})
