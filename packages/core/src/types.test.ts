import * as v from 'valibot'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type App, createApp } from './app.ts'
import type { Enqueued } from './broker.ts'
import type { JobContext } from './context.ts'
import { defineJob, type JobType } from './job.ts'
import { createMemoryBroker } from './memory/index.ts'
import { definePlugin } from './plugin.ts'
import { createProducer, type Producer } from './producer.ts'
import { defineResource } from './resource.ts'
import type { StandardSchema } from './schema.ts'
import { runJob } from './testing/run-job.ts'
import { inProcess } from './worker/in-process.ts'

// What must not compile is marked: the type check of the tests fails when it does. At run time it is refused or harmless.

const sendEmail = defineJob({
  name: 'email.send',
  data: z.object({ to: z.string(), cc: z.string().optional() }),
  result: z.object({ id: z.string() }),
})
const cleanUp = defineJob({ name: 'files.clean-up' })
const count = defineJob<{ n: number }>({ name: 'count' })

async function withProducer<T>(work: (jobs: Producer) => Promise<T>): Promise<T> {
  await using broker = createMemoryBroker()
  return await work(createProducer(broker))
}

const code = (refused: Promise<unknown>): Promise<unknown> =>
  refused.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  )

describe('enqueue', () => {
  test('takes the data of its type', async () => {
    await withProducer(async (jobs) => {
      expectTypeOf(await jobs.enqueue(sendEmail, { to: 'a' })).toEqualTypeOf<Enqueued>()
      await jobs.enqueue(
        sendEmail,
        { to: 'a', cc: 'b' },
        { delay: '5m', priority: 'high', key: 'k', queue: 'q', tenant: 't', dedupe: { window: '1h' } },
      )
      await jobs.enqueueMany(sendEmail, [{ to: 'a' }, { to: 'b' }], { delay: 5_000 })
      expect((await jobs.enqueue(count, { n: 1 })).duplicate).toBe(false)
    })
  })

  test('refuses data of another shape', async () => {
    await withProducer(async (jobs) => {
      // @ts-expect-error: a field of the wrong type
      expect(await code(jobs.enqueue(sendEmail, { to: 5 }))).toBe('INVALID_DATA')
      // @ts-expect-error: a field is missing
      expect(await code(jobs.enqueue(sendEmail, {}))).toBe('INVALID_DATA')
      // @ts-expect-error: the data is missing
      expect(await code(jobs.enqueue(sendEmail))).toBe('INVALID_DATA')
      // @ts-expect-error: null is not its data
      expect(await code(jobs.enqueue(sendEmail, null))).toBe('INVALID_DATA')
      // @ts-expect-error: one of many is wrong
      expect(await code(jobs.enqueueMany(sendEmail, [{ to: 'a' }, { to: 5 }]))).toBe('INVALID_DATA')
      // @ts-expect-error: a field that it does not have
      expect(await code(jobs.enqueue(sendEmail, { to: 'a', too: 'b' }))).toBe('accepted')
      // @ts-expect-error: a field of the wrong type, without a schema
      expect(await code(jobs.enqueue(count, { n: 'one' }))).toBe('accepted')
      // @ts-expect-error: a field that it does not have, without a schema
      expect(await code(jobs.enqueue(count, { n: 1, m: 2 }))).toBe('accepted')
    })
  })

  test('refuses a name instead of a type', async () => {
    await withProducer(async (jobs) => {
      // @ts-expect-error: a string is not a job type
      await expect(jobs.enqueue('email.send', { to: 'a' })).rejects.toBeDefined()
    })
  })

  test('needs no data where the type has none', async () => {
    const none = defineJob({ name: 'none', data: z.null() })
    await withProducer(async (jobs) => {
      await jobs.enqueue(cleanUp)
      await jobs.enqueue(cleanUp, null, { delay: '1s' })
      await jobs.enqueue(none)
      // @ts-expect-error: it takes none
      expect(await code(jobs.enqueue(cleanUp, { folder: 'x' }))).toBe('accepted')
    })
  })

  test('types its options', async () => {
    await withProducer(async (jobs) => {
      // @ts-expect-error: no such unit
      expect(await code(jobs.enqueue(cleanUp, null, { delay: '5 parsecs' }))).toBe('OPTION')
      // @ts-expect-error: no such priority
      void ((): unknown => jobs.enqueue(cleanUp, null, { priority: 'urgent' }))
      // @ts-expect-error: no such option
      expect(await code(jobs.enqueue(cleanUp, null, { dealy: '5s' }))).toBe('accepted')
      // @ts-expect-error: an id is for one
      void ((): unknown => jobs.enqueueMany(cleanUp, [null], { id: 'x' }))
    })
  })
})

describe('a job type', () => {
  test('takes schemas whose input is JSON, whatever they make of it', () => {
    const coerced = defineJob({
      name: 'a',
      data: z.object({
        at: z.iso.datetime().transform((at) => new Date(at)),
        n: z.string().transform(BigInt),
        tags: z.array(z.string()).readonly(),
        nested: z.record(z.string(), z.union([z.number(), z.null(), z.boolean()])),
        kind: z.discriminatedUnion('type', [
          z.object({ type: z.literal('a') }),
          z.object({ type: z.literal('b'), b: z.tuple([z.number(), z.string()]) }),
        ]),
        optional: z.string().optional(),
        defaulted: z.number().default(5),
      }),
    })
    expectTypeOf<typeof coerced extends JobType<infer Input> ? Input : never>()
      .toHaveProperty('at')
      .toEqualTypeOf<string>()
    createApp().on(coerced, (ctx) => {
      expectTypeOf(ctx.data.at).toEqualTypeOf<Date>()
      expectTypeOf(ctx.data.n).toEqualTypeOf<bigint>()
      expectTypeOf(ctx.data.defaulted).toEqualTypeOf<number>()
      expectTypeOf(ctx.data.optional).toEqualTypeOf<string | undefined>()
    })
    expect(coerced.name).toBe('a')
    expect(defineJob({ name: 'b', data: z.unknown() }).name).toBe('b')
    expect(defineJob({ name: 'c', data: z.string() }).name).toBe('c')
    expect(defineJob({ name: 'd', data: v.object({ to: v.pipe(v.string(), v.toDate()) }) }).name).toBe('d')
  })

  test('takes interfaces and optional properties', () => {
    interface Address {
      readonly street: string
      readonly number?: number
      readonly tags: readonly string[]
    }
    interface Tree {
      readonly children: readonly Tree[]
    }
    expectTypeOf(defineJob<Address>({ name: 'address' })).toEqualTypeOf<JobType<Address, Address, unknown>>()
    expect(defineJob<Tree>({ name: 'tree' }).name).toBe('tree')
    expect(defineJob({ name: 'typed', data: {} as StandardSchema<Address> }).name).toBe('typed')
  })

  test('refuses schemas whose input JSON would change or lose', () => {
    // @ts-expect-error: a date
    const date = defineJob({ name: 'a', data: z.object({ at: z.date() }) })
    // @ts-expect-error: a bigint
    const bigint = defineJob({ name: 'b', data: z.object({ n: z.bigint() }) })
    // @ts-expect-error: a map
    const map = defineJob({ name: 'c', data: z.map(z.string(), z.string()) })
    // @ts-expect-error: a set in an array
    const set = defineJob({ name: 'd', data: z.array(z.set(z.string())) })
    // @ts-expect-error: undefined as a whole
    const nothing = defineJob({ name: 'e', data: z.string().optional() })
    // @ts-expect-error: a date in one part of a union
    const union = defineJob({ name: 'f', data: z.union([z.string(), z.object({ at: z.date().optional() })]) })
    // @ts-expect-error: bytes
    const bytes = defineJob({ name: 'g', data: v.object({ bytes: v.instance(Uint8Array) }) })
    // @ts-expect-error: a function, without a schema
    const callback = defineJob<{ done: () => void }>({ name: 'h' })
    // @ts-expect-error: a date, without a schema
    const dated = defineJob<{ at: Date }>({ name: 'i' })
    expect([date, bigint, map, set, nothing, union, bytes, callback, dated].map(({ name }) => name).join('')).toBe(
      'abcdefghi',
    )
  })

  test('types its options', () => {
    expect(
      defineJob({ name: 'a', timeout: false, priority: 'low', maxBytes: '64kb', retry: { backoff: () => '5s' } })
        .timeoutMs,
    ).toBe(false)
    // @ts-expect-error: a name is needed
    expect(() => defineJob({})).toThrow()
    // @ts-expect-error: no such unit
    expect(() => defineJob({ name: 'a', timeout: '5 parsecs' })).toThrow()
    // @ts-expect-error: no such priority
    expect(defineJob({ name: 'a', priority: 'urgent' }).name).toBe('a')
  })
})

describe('a handler', () => {
  test('sees the data as its schema gives it', async () => {
    const at = defineJob({ name: 'at', data: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }) })
    const app = createApp().on(at, (ctx) => {
      expectTypeOf(ctx).toEqualTypeOf<JobContext<{ at: Date }>>()
      expectTypeOf(ctx.job.data).toEqualTypeOf<{ at: Date }>()
      // @ts-expect-error: it has no such field
      expect(ctx.data.missing).toBeUndefined()
      return ctx.data.at.getTime()
    })
    expect((await runJob(app, at, { at: '1970-01-01T00:00:01Z' })).outcome).toEqual({ kind: 'ack', result: 1_000 })
  })

  test('returns what the result schema takes', async () => {
    expect(createApp().on(sendEmail, () => ({ id: '1' }))).toBeDefined()
    expect(createApp().on(sendEmail, async () => ({ id: '1' }))).toBeDefined()
    // @ts-expect-error: the result has a field of the wrong type
    const wrong = createApp().on(sendEmail, () => ({ id: 1 }))
    // @ts-expect-error: the result is missing
    const nothing = createApp().on(sendEmail, async () => {})
    for (const app of [wrong, nothing]) {
      expect((await runJob(app, sendEmail, { to: 'a' })).outcome).toMatchObject({
        kind: 'dead',
        reason: 'invalid-result',
      })
    }
    // Without a result schema anything goes.
    expect(createApp().on(count, () => Symbol('any'))).toBeDefined()
  })

  test('enqueues typed jobs', async () => {
    const app = createApp().on(cleanUp, async (ctx) => {
      expectTypeOf(ctx.enqueue(count, { n: 1 })).toEqualTypeOf<Promise<void>>()
      expectTypeOf(ctx.enqueue(count, { n: 1 }, { now: true })).toEqualTypeOf<Promise<Enqueued>>()
      await ctx.enqueue(cleanUp)
      // @ts-expect-error: a field of the wrong type
      await ctx.enqueue(count, { n: 'one' })
      // @ts-expect-error: the data is missing
      await ctx.enqueue(count)
    })
    expect((await runJob(app, cleanUp)).enqueued).toHaveLength(5)
  })

  test('of a plugin is typed the same way', () => {
    const plugin = definePlugin({
      name: 'plugin',
      setup(app) {
        app.on(sendEmail, (ctx) => {
          expectTypeOf(ctx.data).toEqualTypeOf<{ to: string; cc?: string | undefined }>()
          return { id: '1' }
        })
        // @ts-expect-error: the result has a field of the wrong type
        app.on(defineJob({ name: 'other', data: z.null(), result: z.string() }), () => 5)
        app.schedule(cleanUp, '* * * * *')
        // @ts-expect-error: the data of a schedule has a field of the wrong type
        app.schedule(count, '* * * * *', { data: { n: 'one' } })
        // @ts-expect-error: the data of a schedule is missing
        app.schedule(count, '* * * * *', { name: 'other', timezone: 'UTC' })
        // @ts-expect-error: the data of a schedule is missing
        app.schedule(sendEmail, '* * * * *')
        app.schedule(cleanUp, '* * * * *', { name: 'another' })
      },
    })
    expect(createApp().use(plugin).schedules).toHaveLength(5)
  })
})

describe('a resource', () => {
  interface Mailer {
    send(to: string): string
  }
  const mailer = defineResource<Mailer>('mailer')
  const fake: Mailer = { send: (to) => to }

  test('is provided and used as its token says', async () => {
    const app: App<{ URL: string }> = createApp<{ URL: string }>()
      .on(cleanUp, async (ctx) => {
        expectTypeOf(await ctx.use(mailer)).toEqualTypeOf<Mailer>()
        return (await ctx.use(mailer)).send('a')
      })
      .provide(mailer, {
        lifetime: 'isolate',
        create: async ({ env }) => {
          expectTypeOf(env).toEqualTypeOf<{ URL: string }>()
          return { send: (to) => `${env.URL} ${to}` }
        },
        dispose: (made) => expectTypeOf(made).toEqualTypeOf<Mailer>(),
      })
    expect((await runJob(app, cleanUp, null, { env: { URL: 'smtp' } })).outcome).toEqual({
      kind: 'ack',
      result: 'smtp a',
    })
    expect((await runJob(app, cleanUp, null, { provide: [[mailer, fake]] })).outcome).toEqual({
      kind: 'ack',
      result: 'a',
    })
  })

  test('is nothing else', () => {
    // @ts-expect-error: not a mailer
    expect(createApp().provide(mailer, { lifetime: 'job', create: () => 'no mailer' })).toBeDefined()
    // @ts-expect-error: no such lifetime
    expect(createApp().provide(mailer, { lifetime: 'ever', create: () => fake })).toBeDefined()
    // @ts-expect-error: a name is not a token
    expect(createApp().provide('mailer', { lifetime: 'job', create: () => fake })).toBeDefined()
    const create = ({ env }: { env: { URL: string } }): Mailer => {
      // @ts-expect-error: the environment has no such field
      return env.URI
    }
    expect(createApp<{ URL: string }>().provide(mailer, { lifetime: 'job', create })).toBeDefined()
    // @ts-expect-error: another environment than the app's
    expect(createApp<{ PORT: number }>().provide(mailer, { lifetime: 'job', create })).toBeDefined()
  })
})

test('an app that names the type of its environment is given one', () => {
  const app = createApp<{ readonly url: string }>()
  expect(inProcess(createApp()).free()).toBe(10)
  expect(inProcess(app, { env: { url: 'x' }, concurrency: 2 }).free()).toBe(2)
  // @ts-expect-error: the environment is missing
  inProcess(app)
  // @ts-expect-error: the environment is missing
  inProcess(app, { concurrency: 2 })
  // @ts-expect-error: the environment is of another type
  inProcess(app, { env: { url: 1 } })
})
