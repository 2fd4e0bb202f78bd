import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { StoredJob } from './broker.ts'
import type { JobContext } from './context.ts'
import { ShutdownError, TimeoutError, Unrecoverable } from './errors.ts'
import type { HookName } from './hooks.ts'
import { defineJob } from './job.ts'
import { JobCanceledError, LeaseLostError } from './lost-errors.ts'
import { defineResource, type Lifetime } from './resource.ts'
import { Release, RetryAfter } from './retry.ts'
import type { StandardSchema } from './schema.ts'
import { createFakeClock } from './testing/fake-clock.ts'

/** Everything that can be thrown, the worst included. */
const THROWN: readonly (() => unknown)[] = [
  () => new Error('no'),
  () => new Unrecoverable('no'),
  () => new RetryAfter('1m'),
  () => new Release(),
  () => undefined,
  () => null,
  () => 'a string',
  () => 10n,
  () => Symbol('s'),
  () => Object.create(null),
  () => new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing }),
  () => Object.defineProperty(new Error('no'), 'message', { get: throwing }),
  () => Object.assign(new Error('no'), { [inspect.custom]: throwing }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
]

function throwing(): never {
  throw new Error('from within')
}

/** How a step of a job behaves. */
interface Behaviour {
  readonly how: 'well' | 'throw' | 'reject' | 'reject later' | 'reject as a thenable' | 'hang'
  readonly thrown: number
}

/** Does as told; `value` is what a step that behaves answers. */
function act({ how, thrown }: Behaviour, value?: unknown): unknown {
  const error = THROWN[thrown]?.()
  switch (how) {
    case 'well':
      return value
    case 'throw':
      throw error
    case 'reject':
      return Promise.reject(error)
    case 'reject later':
      return new Promise((_, reject) => setImmediate(reject, error))
    case 'reject as a thenable':
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      return { then: (_: unknown, fail: (error: unknown) => void) => fail(error) }
    case 'hang':
      return new Promise(() => {})
  }
}

const behaviour = (...hows: Behaviour['how'][]): fc.Arbitrary<Behaviour> =>
  fc.record({
    how: fc.oneof(
      { weight: 12, arbitrary: fc.constant('well' as const) },
      { weight: 2, arbitrary: fc.constantFrom(...hows) },
    ),
    thrown: fc.nat(THROWN.length - 1),
  })

const FAILS = ['throw', 'reject', 'reject later', 'reject as a thenable'] as const
const HOOKS: readonly HookName[] = ['start', 'settle', 'retry', 'scopeError', 'log', 'progress']

const stored = toDelivery('job').job
const REASONS = [
  new ShutdownError(stored),
  new TimeoutError(stored, 1),
  new LeaseLostError(stored),
  new JobCanceledError(stored),
  'anything',
  undefined,
]

const world = fc.record({
  payload: fc.oneof(
    { weight: 8, arbitrary: fc.constant<StoredJob['payload']>({ text: '{"a":1}' }) },
    { weight: 1, arbitrary: fc.string().map((text): StoredJob['payload'] => ({ text })) },
    { weight: 1, arbitrary: fc.anything().map((value): StoredJob['payload'] => ({ value })) },
    { weight: 1, arbitrary: fc.uint8Array().map((bytes): StoredJob['payload'] => ({ bytes, problem: 'bad' })) },
  ),
  known: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  attempt: fc.integer({ min: 1, max: 4 }),
  schema: behaviour('throw', 'reject', 'reject later', 'hang'),
  result: behaviour('throw', 'reject', 'reject later', 'hang'),
  backoff: behaviour('throw'),
  outer: behaviour(...FAILS, 'hang'),
  inner: behaviour(...FAILS, 'hang'),
  handler: behaviour(...FAILS, 'hang'),
  handlerResult: fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  create: behaviour(...FAILS, 'hang'),
  dispose: behaviour(...FAILS, 'hang'),
  lifetime: fc.constantFrom<Lifetime>('job', 'invocation', 'isolate'),
  release: behaviour(...FAILS, 'hang'),
  sender: behaviour(...FAILS, 'hang'),
  progress: behaviour('throw'),
  hook: behaviour(...FAILS, 'hang'),
  followUp: fc.constantFrom('none', 'good', 'refused', 'now'),
  abort: fc.option(fc.nat(REASONS.length - 1), { nil: undefined }),
})

const unhandled: unknown[] = []
const count = (error: unknown): void => void unhandled.push(error)
beforeEach(() => {
  process.on('unhandledRejection', count)
})
afterEach(() => {
  process.off('unhandledRejection', count)
  vi.restoreAllMocks()
})

test('app.run answers with an outcome, whatever fails in whatever way', async () => {
  // Shows what it is given, as a console does: that runs code of errors.
  vi.spyOn(console, 'error').mockImplementation((...shown) => void inspect(shown))
  const kinds = new Map<string, number>()
  const follow = defineJob({ name: 'follow' })
  const thing = defineResource<unknown>('thing')

  await fc.assert(
    fc.asyncProperty(world, async (w) => {
      unhandled.length = 0
      const clock = createFakeClock()
      const validated = (what: Behaviour, value: unknown): StandardSchema<unknown> => ({
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: () => act(what, { value }) as Promise<{ value: unknown }>,
        },
      })
      const type = defineJob({
        name: 'job',
        data: validated(w.schema, 1),
        result: validated(w.result, 2),
        timeout: '10s',
        retry: { attempts: 3, backoff: () => act(w.backoff, 5) as number },
      })
      const app = createApp({ clock, grace: '5s' })
        .use(async (_, next) => {
          const result = await next()
          await act(w.outer)
          return result
        })
        .use((_, next) => (w.inner.how === 'well' ? next() : act(w.inner)))
        .provide(thing, { lifetime: w.lifetime, create: () => act(w.create, 'made'), dispose: () => act(w.dispose) })
      if (w.known) {
        app.on(type, async (ctx: JobContext) => {
          ctx.log.info('started', { error: THROWN[w.handler.thrown]?.() })
          ctx.progress(1)
          ctx.scope.defer(() => act(w.release))
          if (w.followUp === 'good') void ctx.enqueue(follow)
          if (w.followUp === 'refused') void ctx.enqueue(follow, 10n as never)
          if (w.followUp === 'now') await ctx.enqueue(follow, null, { now: true })
          await ctx.use(thing)
          return act(w.handler, w.handlerResult)
        })
      }
      for (const name of HOOKS) app.hook(name, () => act(w.hook))

      const controller = new AbortController()
      const outcome = app.run(toDelivery('job', null, { payload: w.payload, attempt: w.attempt }), {
        signal: controller.signal,
        sender: { send: async () => (await act(w.sender, [{ id: '1', duplicate: false }])) as [] },
        progress: () => act(w.progress),
      })
      if (w.abort !== undefined) controller.abort(REASONS[w.abort])
      let settled: string | undefined
      void outcome.then(({ kind }) => {
        settled = kind
      })
      await clock.advance(20_000)
      expect(settled).toBeDefined()
      kinds.set(settled ?? '', (kinds.get(settled ?? '') ?? 0) + 1)
      expect(clock.pending).toBe(0)
      expect(unhandled).toEqual([])
    }),
    { numRuns: 600 },
  )
  // Each kind was reached, so that the test says something.
  for (const kind of ['ack', 'retry', 'dead', 'release']) expect(kinds.get(kind), kind).toBeGreaterThan(10)
})
