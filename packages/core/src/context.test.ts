import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, test } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { JobContext } from './context.ts'
import { ShutdownError } from './errors.ts'
import { defineJob } from './job.ts'
import { defineResource } from './resource.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What a careless handler keeps for ever. */
const kept: unknown[] = []
afterEach(() => {
  kept.length = 0
})

const job = defineJob<{ text: string }>({ name: 'job' })
const thing = defineResource<string>('thing')

const uses: readonly (readonly [string, (ctx: JobContext<{ text: string }>) => unknown])[] = [
  ['data', (ctx) => ctx.data],
  ['job', (ctx) => ctx.job],
  ['attempt', (ctx) => ctx.attempt],
  ['signal', (ctx) => ctx.signal],
  ['scope', (ctx) => ctx.scope],
  ['log', (ctx) => ctx.log],
  ['use', (ctx) => ctx.use(thing)],
  ['enqueue', (ctx) => ctx.enqueue(job, { text: 'next' })],
  ['progress', (ctx) => ctx.progress(1)],
]

describe.each<[string, (ctx: JobContext) => unknown]>([
  ['a success', () => {}],
  [
    'a failure',
    () => {
      throw new Error('no')
    },
  ],
])('after %s', (_, end) => {
  test.each(uses)('ctx.%s throws, naming the job and what was used', async (property, use) => {
    let context: JobContext<{ text: string }> | undefined
    const app = createApp().on(job, (ctx) => {
      context = ctx
      use(ctx)
      end(ctx)
    })
    app.provide(thing, { lifetime: 'isolate', create: () => 'made' })
    await app.run(toDelivery('job', { text: 'secret' }))
    const message = `ctx.${property} was used after job job (id 42, queue default) had settled`
    expect(() => context && use(context)).toThrow(
      expect.objectContaining({ code: 'JOB_SETTLED', message: expect.stringContaining(message) }),
    )
  })
})

test('a logger that was kept writes nothing any more', async () => {
  const lines: string[] = []
  const app = createApp().on(job, (ctx) => {
    kept.push(ctx.log)
    ctx.log.info('during')
  })
  app.hook('log', ({ message }) => lines.push(message))
  await app.run(toDelivery('job', { text: '' }))
  const [log] = kept as [JobContext['log']]
  log.info('after')
  expect(lines).toEqual(['during'])
})

describe('a context that was kept holds nothing of its job', () => {
  /** Runs a job whose payload can be told apart, and watches everything of it that could be held. */
  async function watch(
    handler: (ctx: JobContext<{ text: string }>) => unknown,
    abort = false,
  ): Promise<WeakRef<object>[]> {
    const watched: WeakRef<object>[] = []
    const app = createApp({ grace: 0 }).on(job, (ctx) => {
      kept.push(ctx, ctx.signal, ctx.log)
      watched.push(new WeakRef(ctx.data), new WeakRef(ctx.job), new WeakRef(ctx.scope))
      return handler(ctx)
    })
    const delivery = toDelivery('job', { text: 'x' })
    watched.push(new WeakRef(delivery), new WeakRef(delivery.job), new WeakRef(delivery.job.payload))
    const run = app.start(delivery)
    watched.push(new WeakRef(run))
    if (abort) run.abort(new ShutdownError({ id: '42', name: 'job' }))
    await run.outcome
    return watched
  }

  test.each<[string, (ctx: JobContext<{ text: string }>) => unknown, boolean?]>([
    ['after a success', () => 'done'],
    ['after a failure', () => Promise.reject(new Error('no'))],
    [
      'with what it opened and enqueued',
      async (ctx) => {
        ctx.scope.defer(() => Promise.resolve())
        await ctx.enqueue(job, ctx.data)
      },
    ],
    ['after it was abandoned', () => new Promise(() => {}), true],
  ])('%s', async (_, handler, abort) => {
    const watched = await watch(handler, abort)
    await new Promise(setImmediate)
    collect()
    expect(watched).toHaveLength(7)
    expect(watched.filter((ref) => ref.deref() !== undefined)).toEqual([])
    expect(kept).toHaveLength(3)
  })

  test('nor does a scope that was kept hold the data', async () => {
    const watched: WeakRef<object>[] = []
    const app = createApp().on(job, (ctx) => {
      kept.push(ctx.scope)
      watched.push(new WeakRef(ctx.data), new WeakRef(ctx.job), new WeakRef(ctx))
    })
    await app.run(toDelivery('job', { text: 'x' }))
    await new Promise(setImmediate)
    collect()
    expect(watched.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined])
  })

  test('nor its bytes: 100 contexts and scopes of jobs of 1 MB take no 2 MB', async () => {
    const large = defineJob<string>({ name: 'large', maxBytes: '2mb' })
    const app = createApp().on(large, (ctx) => void kept.push(ctx, ctx.scope))
    const runAll = async (jobs: number): Promise<void> => {
      for (let n = 0; n < jobs; n++) await app.run(toDelivery('large', `${n}`.padEnd(1_000_000, 'x')))
    }
    await runAll(3)
    collect()
    const before = process.memoryUsage().heapUsed
    await runAll(100)
    collect()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000)
    expect(kept).toHaveLength(206)
  })
})
