import { describe, expect, test } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { JobContext } from './context.ts'
import { defineJob } from './job.ts'
import { JobCanceledError } from './lost-errors.ts'
import { defineResource } from './resource.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const job = defineJob({ name: 'job', timeout: '10s', retry: { backoff: { kind: 'fixed', delayMs: 1_000 } } })

function setUp(handler: (ctx: JobContext<null>) => unknown) {
  const clock = createFakeClock()
  const errors: { job: string | undefined; error: unknown }[] = []
  const app = createApp({ clock, grace: '5s' })
    .on(job, handler)
    .hook('scopeError', ({ job, error }) => errors.push({ job: job?.name, error }))
  return { clock, app, errors }
}

test('what a job opened is released, last in first out, before its outcome is told', async () => {
  const log: string[] = []
  const { app } = setUp((ctx) => {
    ctx.scope.defer(async () => {
      await Promise.resolve()
      log.push('first')
    })
    ctx.scope.use({ [Symbol.asyncDispose]: async () => void log.push('second') })
    log.push('handler')
  })
  app.hook('settle', () => log.push('settled'))
  expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack' })
  expect(log).toEqual(['handler', 'second', 'first', 'settled'])
})

test('it is released when the job fails too, and before its resources', async () => {
  const log: string[] = []
  const thing = defineResource<string>('thing')
  const { app } = setUp(async (ctx) => {
    await ctx.use(thing)
    ctx.scope.defer(() => log.push('scope'))
    throw new Error('no')
  })
  app.provide(thing, { lifetime: 'job', create: () => 'made', dispose: () => log.push('resource') })
  expect(await app.run(toDelivery('job'))).toMatchObject({ kind: 'retry', error: new Error('no') })
  expect(log).toEqual(['scope', 'resource'])
})

describe('a release that fails', () => {
  test('leaves the outcome as it is, and is told with the job', async () => {
    const { app, errors } = setUp((ctx) => {
      ctx.scope.defer(() => {
        throw new Error('while closing')
      })
      return 'done'
    })
    expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack', result: 'done' })
    expect(errors).toEqual([{ job: 'job', error: new Error('while closing') }])
  })

  test('keeps no other from being released, and several are told as one', async () => {
    const log: string[] = []
    const { app, errors } = setUp((ctx) => {
      ctx.scope.defer(() => log.push('a'))
      ctx.scope.defer(() => Promise.reject(new Error('b')))
      ctx.scope.defer(() => Promise.reject(new Error('c')))
      throw new Error('handler')
    })
    expect(await app.run(toDelivery('job'))).toMatchObject({ kind: 'retry', error: new Error('handler') })
    expect(log).toEqual(['a'])
    expect(errors).toMatchObject([
      { job: 'job', error: { name: 'SuppressedError', error: new Error('b'), suppressed: new Error('c') } },
    ])
  })

  test('of a resource is told with the job too', async () => {
    const thing = defineResource<string>('thing')
    const { app, errors } = setUp((ctx) => ctx.use(thing))
    app.provide(thing, {
      lifetime: 'job',
      create: () => 'made',
      dispose: () => Promise.reject(new Error('while closing')),
    })
    expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack', result: 'made' })
    expect(errors).toEqual([{ job: 'job', error: new Error('while closing') }])
  })
})

test('a release that hangs holds the outcome for the grace and no longer, and the slot until it ends', async () => {
  const open = Promise.withResolvers<void>()
  const { app, clock } = setUp((ctx) => {
    ctx.scope.defer(() => open.promise)
    return 'done'
  })
  const run = app.start(toDelivery('job'))
  let settled = false
  let ended = false
  void run.outcome.then(() => {
    settled = true
  })
  void run.ended().then(() => {
    ended = true
  })
  await clock.advance(4_999)
  expect({ settled, abandoned: run.abandoned }).toEqual({ settled: false, abandoned: false })
  await clock.advance(1)
  expect(await run.outcome).toEqual({ kind: 'ack', result: 'done' })
  expect({ abandoned: run.abandoned, ended, pending: clock.pending }).toEqual({
    abandoned: true,
    ended: false,
    pending: 0,
  })
  open.resolve()
  await run.ended()
})

test('what a handler opens after it was given up is released at once', async () => {
  const goOn = Promise.withResolvers<void>()
  const log: unknown[] = []
  const { app, clock } = setUp(async (ctx) => {
    const { scope } = ctx
    scope.defer(() => log.push('early'))
    await goOn.promise
    try {
      scope.defer(() => log.push('late'))
    } catch (error) {
      log.push((error as { code?: unknown }).code)
    }
    scope.defer(() => Promise.reject(new Error('late')))
  })
  const errors: unknown[] = []
  app.hook('scopeError', ({ job, error }) => errors.push([job?.id, error]))
  const run = app.start(toDelivery('job'))
  await clock.advance(15_000)
  expect(await run.outcome).toMatchObject({ kind: 'retry' })
  expect(log).toEqual(['early'])
  goOn.resolve()
  await run.ended()
  expect(log).toEqual(['early', 'late', 'SCOPE_DISPOSED'])
  expect(errors).toEqual([['42', new Error('late')]])
})

test('what is asked for while a resource is being released is not left open', async () => {
  const thing = defineResource<string>('thing')
  const other = defineResource<string>('other')
  const log: unknown[] = []
  const ended = Promise.withResolvers<void>()
  let context: JobContext | undefined
  const { app } = setUp(async (ctx) => {
    context = ctx
    await ctx.use(thing)
  })
  app.provide(other, { lifetime: 'job', create: () => 'made', dispose: () => log.push('other') })
  app.provide(thing, {
    lifetime: 'job',
    create: () => 'made',
    dispose: async () => {
      const refused = (error: { code?: unknown }): void => void log.push(error.code)
      try {
        context?.scope.defer(() => log.push('late'))
      } catch (error) {
        refused(error as object)
      }
      await context?.use(other).catch(refused)
      await context?.enqueue(job).catch(refused)
      ended.resolve()
    },
  })
  expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack' })
  await ended.promise
  expect(log).toEqual(['late', 'SCOPE_DISPOSED', 'RESOURCE', 'JOB_SETTLED'])
})

test('a resource that is first asked for while the scope is being released is refused', async () => {
  const thing = defineResource<string>('thing')
  const codes: unknown[] = []
  const { app } = setUp((ctx) => {
    ctx.scope.defer(async () => {
      await Promise.resolve()
      await ctx.use(thing).catch((error: { code?: unknown }) => codes.push(error.code))
    })
  })
  app.provide(thing, { lifetime: 'isolate', create: () => 'made' })
  expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack' })
  expect(codes).toEqual(['JOB_SETTLED'])
})

test('a run ends, for all who ask, when the handler has ended and what it opened is released', async () => {
  const handler = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const { app, clock } = setUp(async (ctx) => {
    ctx.scope.defer(() => release.promise)
    await handler.promise
  })
  const run = app.start(toDelivery('job'))
  const log: string[] = []
  const asked = [1, 2].map((n) => run.ended().then(() => log.push(`ended ${n}`)))
  run.abort(new JobCanceledError(toDelivery('job').job))
  await clock.advance(5_000)
  expect(run.abandoned).toBe(true)
  handler.resolve()
  await clock.advance(0)
  expect(log).toEqual([])
  release.resolve()
  await Promise.all(asked)
  expect(log).toEqual(['ended 1', 'ended 2'])
  await run.ended()
})
