import { describe, expect, test } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { type App, createApp } from './app.ts'
import type { Middleware } from './context.ts'
import { Unrecoverable } from './errors.ts'
import { defineJob } from './job.ts'
import { definePlugin } from './plugin.ts'
import { defineResource } from './resource.ts'

const a = defineJob({ name: 'a', queue: 'first' })
const b = defineJob({ name: 'b', queue: 'second' })
const c = defineJob({ name: 'c', queue: 'first' })
const thing = defineResource<string>('thing')

describe('middleware', () => {
  test('of the app is around that of a plugin, which is around that of a plugin in it, whenever it was added', async () => {
    const log: string[] = []
    const wrap =
      (name: string): Middleware =>
      async (_, next) => {
        log.push(name)
        return next()
      }
    const inner = definePlugin({
      name: 'inner',
      setup: (app) => void app.on(c, () => log.push('c')).use(wrap('inner')),
    })
    const outer = definePlugin({
      name: 'outer',
      setup: (app) =>
        void app
          .use(inner)
          .on(b, () => log.push('b'))
          .use(wrap('outer 1'))
          .use(wrap('outer 2')),
    })
    const app = createApp()
      .use(wrap('app 1'))
      .on(a, () => log.push('a'))
      .use(outer)
      .use(wrap('app 2'))
    const order = async (name: string): Promise<string[]> => {
      log.length = 0
      expect((await app.run(toDelivery(name))).kind).toBe('ack')
      return [...log]
    }
    expect(await order('a')).toEqual(['app 1', 'app 2', 'a'])
    expect(await order('b')).toEqual(['app 1', 'app 2', 'outer 1', 'outer 2', 'b'])
    expect(await order('c')).toEqual(['app 1', 'app 2', 'outer 1', 'outer 2', 'inner', 'c'])
  })

  const handled = (middleware: Middleware, handler = (): unknown => 'handler') =>
    createApp().use(middleware).on(a, handler).run(toDelivery('a'))

  test('decides the result', async () => {
    expect(await handled(async (_, next) => `${await next()} and more`)).toEqual({
      kind: 'ack',
      result: 'handler and more',
    })
    expect(await handled(() => 'instead')).toEqual({ kind: 'ack', result: 'instead' })
    expect(await handled(() => {})).toEqual({ kind: 'ack' })
  })

  test('maps errors', async () => {
    const mapping: Middleware = (_, next) => next().catch(() => Promise.reject(new Unrecoverable('mapped')))
    const outcome = await handled(mapping, () => {
      throw new Error('no')
    })
    expect(outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable', error: { message: 'mapped' } })
  })

  test('that calls next twice fails the job', async () => {
    let runs = 0
    const twice: Middleware = async (_, next) => {
      await next()
      return next()
    }
    expect(await handled(twice, () => runs++)).toMatchObject({ kind: 'retry', error: { code: 'MIDDLEWARE' } })
    expect(runs).toBe(1)
  })
})

describe('what cannot be registered', () => {
  const plugin = definePlugin({ name: 'plugin', setup: () => {} })
  const twice: readonly (readonly [string, (app: App) => unknown, string])[] = [
    ['a second handler', (app) => app.on(a, () => {}).on(a, () => {}), 'job a'],
    [
      'a second handler, from a plugin',
      (app) => app.on(a, () => {}).use(definePlugin({ name: 'p', setup: (p) => void p.on(a, () => {}) })),
      'job a',
    ],
    ['another job type of the same name', (app) => app.on(a, () => {}).on(defineJob({ name: 'a' }), () => {}), 'job a'],
    ['a plugin twice', (app) => app.use(plugin).use(plugin), 'plugin "plugin"'],
    [
      'a plugin in itself',
      (app) => {
        const self = definePlugin({ name: 'self', setup: (p) => void p.use(self) })
        app.use(self)
      },
      'plugin "self"',
    ],
    [
      'a second provider',
      (app) =>
        app
          .provide(thing, { lifetime: 'job', create: () => 'x' })
          .provide(thing, { lifetime: 'job', create: () => 'y' }),
      'resource "thing"',
    ],
    ['a second schedule', (app) => app.schedule(a, '* * * * *').schedule(a, '0 * * * *'), 'schedule a'],
  ]
  test.each(twice)('%s', (_, register, name) => {
    expect(() => register(createApp())).toThrow(
      expect.objectContaining({ code: 'REGISTRATION', message: expect.stringContaining(name) }),
    )
  })

  const late: readonly (readonly [string, (app: App) => unknown])[] = [
    ['a handler', (app) => app.on(b, () => {})],
    ['middleware', (app) => app.use((_, next) => next())],
    ['a plugin', (app) => app.use(plugin)],
    ['a provider', (app) => app.provide(thing, { lifetime: 'job', create: () => 'x' })],
    ['a schedule', (app) => app.schedule(a, '* * * * *')],
  ]
  test.each(late)('%s once the app has started', async (_, register) => {
    const ready = createApp()
      .on(a, () => {})
      .ready()
    expect(() => register(ready)).toThrow(expect.objectContaining({ code: 'REGISTRATION' }))
    const ran = createApp().on(a, () => {})
    await ran.run(toDelivery('a'))
    expect(() => register(ran)).toThrow(expect.objectContaining({ code: 'REGISTRATION' }))
  })

  test.each(['', 'x'.repeat(201)])('a job called %j', (name) => {
    expect(() => defineJob({ name })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })

  test.each<[string, object]>([
    ['a timeout of nothing', { timeout: 0 }],
    ['a timeout longer than a timer can wait', { timeout: '25d' }],
    ['no attempts', { retry: { attempts: 0 } }],
    ['half an attempt', { retry: { attempts: 1.5 } }],
    ['a size below nothing', { maxBytes: -1 }],
    ['a window that is no duration', { dedupe: { window: 'soon' } }],
  ])('a job type with %s', (_, options) => {
    expect(() => defineJob({ name: 'job', ...options })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })

  test('a plugin without a name', () => {
    expect(() => definePlugin({ name: '', setup: () => {} })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})

describe('ready', () => {
  const needs = definePlugin({ name: 'mail', needs: [thing], setup: () => {} })
  const nests = definePlugin({ name: 'outer', setup: (app) => void app.use(needs) })

  test.each([needs, nests])(
    'fails for a resource that nobody provides, naming the plugin and the resource',
    (plugin) => {
      expect(() => createApp().use(plugin).ready()).toThrow(
        expect.objectContaining({
          code: 'MISSING_PROVIDER',
          message: expect.stringMatching(/resource "thing".*plugin "mail"/),
        }),
      )
    },
  )

  test('is content with one that was provided before or after', () => {
    const provider = { lifetime: 'job' as const, create: () => 'x' }
    expect(createApp().provide(thing, provider).use(needs).ready()).toBeDefined()
    expect(createApp().use(nests).provide(thing, provider).ready()).toBeDefined()
  })

  test('leaves hooks open, and can be called again', () => {
    const app = createApp()
      .on(a, () => {})
      .ready()
      .ready()
    expect(app.hook('settle', () => {})).toBe(app)
  })
})

test('an app knows its job types, queues and schedules, those of plugins too', () => {
  const plugin = definePlugin({
    name: 'plugin',
    setup: (app) =>
      void app
        .on(b, () => {})
        .on(c, () => {})
        .schedule(b, '0 6 * * *', { timezone: 'Europe/Berlin', name: 'daily', missed: 'once' }),
  })
  const app = createApp()
    .on(a, () => {})
    .use(plugin)
    .schedule(a, '* * * * *')
  expect(app.jobTypes).toEqual([a, b, c])
  expect(app.queues).toEqual(['first', 'second'])
  expect(app.schedules).toEqual([
    { name: 'daily', type: b, cron: '0 6 * * *', timezone: 'Europe/Berlin', data: null, missed: 'once' },
    { name: 'a', type: a, cron: '* * * * *', timezone: 'UTC', data: null, missed: 'skip' },
  ])
})

test('a plugin observes the whole app', async () => {
  const seen: string[] = []
  const observer = definePlugin({
    name: 'observer',
    setup: (app) => void app.hook('settle', ({ job }) => seen.push(job.name)),
  })
  const app = createApp()
    .on(a, () => {})
    .use(observer)
  await app.run(toDelivery('a'))
  expect(seen).toEqual(['a'])
})

describe('resources of an app', () => {
  test('that cannot be made fail the job that asked, and are tried again by the next', async () => {
    let tries = 0
    const app = createApp<{ url: string }>()
      .on(a, (ctx) => ctx.use(thing))
      .provide(thing, {
        lifetime: 'isolate',
        create: ({ env }) => {
          if (tries++ === 0) throw new Error('no connection')
          return env.url
        },
      })
    const options = { env: { url: 'smtp://' } }
    expect(await app.run(toDelivery('a'), options)).toMatchObject({
      kind: 'retry',
      error: { code: 'RESOURCE', cause: new Error('no connection') },
    })
    expect(await app.run(toDelivery('a'), options)).toEqual({ kind: 'ack', result: 'smtp://' })
  })

  test('that nobody provides fail the job by name', async () => {
    const app = createApp().on(a, (ctx) => ctx.use(thing))
    expect(await app.run(toDelivery('a'))).toMatchObject({
      kind: 'retry',
      error: { code: 'MISSING_PROVIDER', message: expect.stringContaining('"thing"') },
    })
  })

  test('go with the app, and are made anew if jobs run again', async () => {
    const log: string[] = []
    let made = 0
    const app = createApp()
      .on(a, (ctx) => ctx.use(thing))
      .provide(thing, { lifetime: 'isolate', create: () => `${made++}`, dispose: (value) => log.push(value) })
    expect(await app.run(toDelivery('a'))).toEqual({ kind: 'ack', result: '0' })
    await Promise.all([app.dispose(), app.dispose()])
    expect(log).toEqual(['0'])
    expect(await app.run(toDelivery('a'))).toEqual({ kind: 'ack', result: '1' })
    await app[Symbol.asyncDispose]()
    expect(log).toEqual(['0', '1'])
  })

  test('of an invocation are shared by its jobs and go with it; an error of theirs is told without a job', async () => {
    let made = 0
    const errors: unknown[] = []
    const app = createApp<{ name: string }>()
      .on(a, (ctx) => ctx.use(thing))
      .provide(thing, {
        lifetime: 'invocation',
        create: ({ env }) => `${env.name} ${made++}`,
        dispose: (value) => Promise.reject(new Error(value)),
      })
      .hook('scopeError', (event) => errors.push(event))
    const env = { name: 'batch' }
    const results: unknown[] = []
    for (let batch = 0; batch < 2; batch++) {
      await using invocation = app.invocation(env)
      for (let n = 0; n < 2; n++) results.push(await app.run(toDelivery('a'), { env, invocation }))
    }
    expect(results).toMatchObject([
      { result: 'batch 0' },
      { result: 'batch 0' },
      { result: 'batch 1' },
      { result: 'batch 1' },
    ])
    expect(errors).toEqual([{ error: new Error('batch 0') }, { error: new Error('batch 1') }])
  })
})
