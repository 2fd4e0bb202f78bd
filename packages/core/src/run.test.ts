import { describe, expect, test, vi } from 'vitest'
import { codeOf, toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { Outcome } from './broker.ts'
import type { JobContext } from './context.ts'
import { Unrecoverable } from './errors.ts'
import type { HookEvents } from './hooks.ts'
import { defineJob } from './job.ts'
import { Release, RetryAfter } from './retry.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const job = defineJob({ name: 'job', retry: { attempts: 3, backoff: { kind: 'fixed', delayMs: 1_000 } } })

/** The outcome of one run of a handler. */
function run(handler: (ctx: JobContext<null>) => unknown, attempt = 1): Promise<Outcome> {
  return createApp()
    .on(job, handler)
    .run(toDelivery('job', null, { attempt }))
}

describe('a handler that ends well is acked with what it returned', () => {
  test.each<[string, () => unknown, unknown]>([
    ['a value', () => 5, 5],
    ['nothing', () => {}, undefined],
    ['null', () => null, null],
    ['a promise', async () => 'later', 'later'],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    ['a thenable', () => ({ then: (done: (value: string) => void) => done('then') }), 'then'],
    [
      'a thenable of a promise, which answers twice and then throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        then(done: (value: unknown) => void, fail: (error: unknown) => void) {
          done(Promise.resolve('first'))
          done('second')
          fail(new Error('third'))
          throw new Error('fourth')
        },
      }),
      'first',
    ],
  ])('%s', async (_, handler, result) => {
    expect(await run(handler)).toStrictEqual(result === undefined ? { kind: 'ack' } : { kind: 'ack', result })
  })
})

describe('a handler that fails is tried again, whatever it throws and however', () => {
  test.each<[string, unknown, unknown]>([
    ['an error', new Error('no'), undefined],
    ['undefined', undefined, 'THROWN_VALUE'],
    ['null', null, 'THROWN_VALUE'],
    ['a string', 'no', 'THROWN_VALUE'],
    ['an object', { code: 'MINE' }, 'THROWN_VALUE'],
  ])('%s', async (_, thrown, code) => {
    const handlers = [
      () => {
        throw thrown
      },
      () => Promise.reject(thrown),
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      () => ({ then: (__: unknown, fail: (error: unknown) => void) => fail(thrown) }),
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        get then() {
          throw thrown
        },
      }),
    ]
    for (const handler of handlers) {
      const outcome = await run(handler)
      expect(outcome).toMatchObject({ kind: 'retry', delayMs: 1_000, error: expect.any(Error) })
      expect(codeOf(outcome)).toBe(code)
      if (code) expect(outcome).toMatchObject({ error: { cause: thrown } })
    }
  })
})

describe('a handler that says what is to become of its job', () => {
  test('RetryAfter: tried again after exactly that, and charged', async () => {
    const handler = (): never => {
      throw new RetryAfter('10m')
    }
    expect(await run(handler)).toMatchObject({ kind: 'retry', delayMs: 600_000, error: { code: 'RETRY_AFTER' } })
    expect(await run(handler, 3)).toMatchObject({ kind: 'dead', reason: 'exhausted' })
  })

  test('Unrecoverable: dead at once', async () => {
    const handler = async (): Promise<never> => {
      throw new Unrecoverable('the account is closed')
    }
    expect(await run(handler)).toMatchObject({
      kind: 'dead',
      reason: 'unrecoverable',
      error: { code: 'UNRECOVERABLE' },
    })
  })

  test('Release: put back, not charged, also on the last attempt', async () => {
    const handler = (): never => {
      throw new Release('5s')
    }
    expect(await run(handler)).toMatchObject({ kind: 'release', delayMs: 5_000, error: { code: 'RELEASE' } })
    expect(await run(handler, 3)).toMatchObject({ kind: 'release', delayMs: 5_000 })
  })
})

test('the last attempt that fails is dead, with its error', async () => {
  const error = new Error('no')
  const handler = (): never => {
    throw error
  }
  expect(await run(handler, 2)).toMatchObject({ kind: 'retry' })
  expect(await run(handler, 3)).toStrictEqual({ kind: 'dead', reason: 'exhausted', error })
})

test('the backoff may be a function of the attempt and its error; one that throws falls back to the default', async () => {
  const seen: unknown[] = []
  const fail = (): never => {
    throw new Error('no')
  }
  const asked = defineJob({
    name: 'job',
    retry: {
      backoff: (attempt, error) => {
        seen.push([attempt, error])
        return '7s'
      },
    },
  })
  const broken = defineJob({
    name: 'job',
    retry: {
      backoff: () => {
        throw new Error('in the backoff')
      },
    },
  })
  expect(
    await createApp()
      .on(asked, fail)
      .run(toDelivery('job', null, { attempt: 2 })),
  ).toMatchObject({ delayMs: 7_000 })
  expect(seen).toEqual([[2, new Error('no')]])
  const outcome = await createApp().on(broken, fail).run(toDelivery('job'))
  expect(outcome).toMatchObject({ kind: 'retry', error: new Error('no') })
  expect(outcome.kind === 'retry' && outcome.delayMs).toBeLessThanOrEqual(2_000)
})

test('a context tells of its job what its broker told, and gives the same signal and scope each time', async () => {
  const typed = defineJob<{ n: number }>({ name: 'job' })
  const app = createApp().on(typed, (ctx) => {
    expect(ctx.data).toEqual({ n: 1 })
    expect(ctx.data).toBe(ctx.data)
    expect(ctx.attempt).toBe(2)
    expect(ctx.signal).toBe(ctx.signal)
    expect(ctx.signal.aborted).toBe(false)
    expect(ctx.scope).toBe(ctx.scope)
    return { ...ctx.job }
  })
  const delivery = toDelivery('job', { n: 1 }, { attempt: 2, tenant: 'acme', queue: 'mail', priority: 'high' })
  const expected = {
    id: '42',
    name: 'job',
    data: { n: 1 },
    attempt: 2,
    priority: 'high',
    queue: 'mail',
    enqueuedAt: delivery.job.enqueuedAt,
    tenant: 'acme',
  }
  expect(await app.run(delivery)).toEqual({ kind: 'ack', result: expected })
})

test('an AbortController is made for a job that asks for its signal, and for no other', async () => {
  const made = vi.spyOn(globalThis, 'AbortController')
  try {
    await run((ctx) => ctx.scope.defer(() => ctx.log.info('closed')))
    expect(made).not.toHaveBeenCalled()
    await run((ctx) => void [ctx.signal, ctx.signal])
    expect(made).toHaveBeenCalledOnce()
  } finally {
    made.mockRestore()
  }
})

test('hooks are told of the start, then of the end and how long it took, then of the retry', async () => {
  const clock = createFakeClock()
  const events: unknown[] = []
  const app = createApp({ clock }).on(job, async () => {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 250))
    throw new Error('no')
  })
  for (const name of ['start', 'settle', 'retry', 'dead'] as const)
    app.hook(name, (event: HookEvents[typeof name]) => events.push([name, event]))
  const delivery = toDelivery('job')
  const startedAt = clock.now()
  const outcome = app.run(delivery)
  await clock.advance(250)
  expect(events).toEqual([
    ['start', { job: delivery.job, startedAt }],
    ['settle', { job: delivery.job, outcome: await outcome, startedAt, durationMs: 250 }],
    ['retry', { job: delivery.job, error: new Error('no'), delayMs: 1_000 }],
  ])
  expect(clock.pending).toBe(0)
})

test('what a handler logs and how far it is go to the hooks, and progress to the worker too', async () => {
  const events: unknown[] = []
  const progress: unknown[] = []
  const clock = createFakeClock()
  const app = createApp({ clock }).on(job, (ctx) => {
    ctx.log.debug('a')
    ctx.log.info('b', { n: 1 })
    ctx.log.warn('c')
    ctx.log.error('d')
    ctx.progress({ percent: 50 })
  })
  app.hook('log', ({ job: { id }, level, message, fields, at }) => events.push([id, level, message, fields, at]))
  app.hook('progress', ({ job: { id }, value }) => events.push([id, value]))
  await app.run(toDelivery('job'), { progress: (value) => progress.push(value) })
  const at = clock.now()
  expect(events).toEqual([
    ['42', 'debug', 'a', {}, at],
    ['42', 'info', 'b', { n: 1 }, at],
    ['42', 'warn', 'c', {}, at],
    ['42', 'error', 'd', {}, at],
    ['42', { percent: 50 }],
  ])
  expect(progress).toEqual([{ percent: 50 }])
})
