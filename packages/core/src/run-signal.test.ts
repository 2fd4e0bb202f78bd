import { describe, expect, test } from 'vitest'
import { codeOf, toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { JobContext } from './context.ts'

import { defineJob } from './job.ts'
import { LeaseLostError } from './lost-errors.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const job = defineJob({ name: 'job' })
const { job: stored } = toDelivery('job')

function setUp(handler: (ctx: JobContext<null>) => unknown) {
  const clock = createFakeClock()
  return { clock, app: createApp({ clock, grace: '5s' }).on(job, handler) }
}

/** Waits for a signal to abort, and rejects with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

describe('app.run with a signal', () => {
  /** A signal that counts its listeners. */
  function createSignal() {
    const controller = new AbortController()
    const { signal } = controller
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
      listeners--
      remove(...args)
    }
    return { controller, signal, listeners: () => listeners }
  }

  test('listens while the job runs, and no longer', async () => {
    const { signal, listeners } = createSignal()
    const goOn = Promise.withResolvers<void>()
    const { app } = setUp(() => goOn.promise)
    const runs = Array.from({ length: 100 }, () => app.run(toDelivery('job'), { signal }))
    expect(listeners()).toBe(100)
    goOn.resolve()
    await Promise.all(runs)
    expect(listeners()).toBe(0)
  })

  test.each<[string, unknown, string]>([
    ['a reason of isobar', new LeaseLostError(stored), 'LEASE_LOST'],
    ['any other reason is a shutdown', new Error('stop'), 'SHUTDOWN'],
    ['none is a shutdown', undefined, 'SHUTDOWN'],
  ])('aborts with its reason: %s', async (_, reason, code) => {
    const { controller, signal } = createSignal()
    const { app } = setUp((ctx) => aborted(ctx.signal))
    const outcome = app.run(toDelivery('job'), { signal })
    controller.abort(reason)
    expect(codeOf(await outcome)).toBe(code)
  })

  test('that is aborted already keeps the handler from starting', async () => {
    let starts = 0
    const { app, clock } = setUp(() => starts++)
    const outcome = await app.run(toDelivery('job'), { signal: AbortSignal.abort() })
    expect(outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
    const { signal, listeners } = createSignal()
    Object.defineProperty(signal, 'aborted', { value: true })
    expect((await app.run(toDelivery('job'), { signal })).kind).toBe('release')
    expect({ starts, listeners: listeners(), pending: clock.pending }).toEqual({ starts: 0, listeners: 0, pending: 0 })
  })

  test('that is aborted already waits for a schema no longer than the grace', async () => {
    const clock = createFakeClock()
    const hangs = {
      '~standard': { version: 1 as const, vendor: 'test', validate: () => new Promise<{ value: number }>(() => {}) },
    }
    const app = createApp({ clock, grace: '5s' }).on(defineJob({ name: 'job', data: hangs }), () => {})
    const outcome = app.run(toDelivery('job'), { signal: AbortSignal.abort() })
    await clock.advance(5_000)
    expect((await outcome).kind).toBe('release')
    expect(clock.pending).toBe(0)
  })
})
