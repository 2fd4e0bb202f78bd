import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { createApp } from '../app.ts'
import { defineJob } from '../job.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { override } from '../testing/override.ts'
import { type CronParser, createScheduler } from './scheduler.ts'

const START = Date.UTC(2026, 0, 1)
const report = defineJob<{ readonly kind: string }>({ name: 'report', queue: 'reports' })

/** Understands `every N` (in ms) and `at N` (ms since the epoch). */
const cron: CronParser = {
  next(expression, after) {
    const [word, number] = expression.split(' ')
    const ms = Number(number)
    if (Number.isNaN(ms)) throw new TypeError('no such expression')
    if (word === 'at') return ms > after.getTime() ? new Date(ms) : undefined
    return new Date((Math.floor(after.getTime() / ms) + 1) * ms)
  },
}

/** One or more schedulers of one expression on one broker, in fake time. */
function setUp(expression: string, data = { kind: 'daily' }) {
  const clock = createFakeClock({ now: START })
  const broker = createMemoryBroker({ clock })
  const { schedules } = createApp().schedule(report, expression, { data })
  const ready = async (): Promise<number> => (await broker.stats(['reports']))[0]?.ready ?? 0
  return { clock, broker, schedules, ready }
}

test('enqueues its job at each tick, with its data', async () => {
  const { clock, broker, schedules, ready } = setUp('every 60000')
  const scheduler = createScheduler(broker, schedules, { cron, clock })
  await clock.advance(59_999)
  expect(await ready()).toBe(0)
  await clock.advance(1)
  expect(await ready()).toBe(1)
  await clock.advance(600_000)
  expect(await ready()).toBe(11)
  scheduler.stop()
  scheduler.stop()
  expect(clock.pending).toBe(0)
})

test('any number of schedulers enqueue one job a tick', async () => {
  const { clock, broker, schedules, ready } = setUp('every 60000')
  const schedulers = Array.from({ length: 5 }, () => createScheduler(broker, schedules, { cron, clock }))
  await clock.advance(300_000)
  expect(await ready()).toBe(5)
  for (const scheduler of schedulers) scheduler.stop()
})

test('a tick further off than a timer can wait for', async () => {
  const days = 86_400_000
  const { clock, broker, schedules, ready } = setUp(`at ${START + 60 * days}`)
  const scheduler = createScheduler(broker, schedules, { cron, clock })
  await clock.advance(60 * days - 1)
  expect(await ready()).toBe(0)
  await clock.advance(1)
  expect(await ready()).toBe(1)
  expect(clock.pending).toBe(0)
  scheduler.stop()
})

test('a broker that fails is tried again, until the next tick is due; each tick is enqueued once', async () => {
  const { clock, broker, schedules, ready } = setUp('every 3600000')
  let down = true
  const failing = override(broker, {
    send: (...args) => (down ? Promise.reject(new Error('down')) : broker.send(...args)),
  })
  const onError = vi.fn()
  const scheduler = createScheduler(failing, schedules, { cron, clock, onError })
  await clock.advance(3_600_000 + 120_000)
  expect(onError.mock.calls.length).toBeGreaterThan(3)
  expect(onError.mock.calls[0]?.[1]).toMatchObject({ name: 'report' })
  down = false
  await clock.advance(60_000)
  expect(await ready()).toBe(1)
  down = true
  await clock.advance(2 * 3_600_000)
  down = false
  await clock.advance(3_600_000)
  // The tick that could not be enqueued before the next one was due is skipped.
  expect(await ready()).toBe(3)
  scheduler.stop()
  expect(clock.pending).toBe(0)
})

test('stopped while it enqueues, it plans nothing more', async () => {
  const { clock, broker, schedules } = setUp('every 1000')
  const sent = Promise.withResolvers<[]>()
  const slow = override(broker, { send: () => sent.promise })
  const scheduler = createScheduler(slow, schedules, { cron, clock })
  await clock.advance(1_000)
  scheduler.stop()
  sent.resolve([])
  await clock.advance(5_000)
  expect(clock.pending).toBe(0)
})

test('data that its schema refuses fail at start', () => {
  const { broker } = setUp('every 1000')
  const checked = defineJob({ name: 'checked', data: z.object({ day: z.string() }) })
  const { schedules } = createApp().schedule(checked, 'every 1000', { data: { day: 1 as never } })
  expect(() => createScheduler(broker, schedules, { cron })).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }))
})

test('what cannot work fails at start: a broker without keys, an expression that is none', () => {
  const { broker, schedules } = setUp('every 1000')
  const keyless = override(broker, { can: { ...broker.can, dedupe: false } })
  expect(() => createScheduler(keyless, schedules, { cron })).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
  expect(() => createScheduler(keyless, [], { cron }).stop()).not.toThrow()
  const { schedules: bad } = setUp('every now and then')
  expect(() => createScheduler(broker, bad, { cron })).toThrow(
    expect.objectContaining({ code: 'OPTION', message: expect.stringContaining('report') }),
  )
})

test('one expression that is none leaves no timer of the others', () => {
  const { clock, broker, schedules } = setUp('every 1000')
  const { schedules: bad } = setUp('every now and then')
  expect(() => createScheduler(broker, [...schedules, ...bad], { cron, clock })).toThrow(
    expect.objectContaining({ code: 'OPTION' }),
  )
  expect(clock.pending).toBe(0)
})

test('a parser that fails later is told of, and ends its schedule', async () => {
  const { clock, broker, schedules, ready } = setUp('every 1000')
  let calls = 0
  const failing: CronParser = {
    next(...args) {
      if (++calls > 2) throw new Error('no')
      return cron.next(...args)
    },
  }
  const onError = vi.fn()
  const scheduler = createScheduler(broker, schedules, { cron: failing, clock, onError })
  await clock.advance(10_000)
  expect(await ready()).toBe(2)
  expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'OPTION' }), schedules[0]]])
  scheduler.stop()
  expect(clock.pending).toBe(0)
})

test('a listener that throws ends no schedule', async () => {
  const { clock, broker, schedules, ready } = setUp('every 60000')
  let down = true
  const failing = override(broker, {
    send: (...args) => (down ? Promise.reject(new Error('down')) : broker.send(...args)),
  })
  const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
  const scheduler = createScheduler(failing, schedules, {
    cron,
    clock,
    onError() {
      throw new Error('no')
    },
  })
  await clock.advance(60_100)
  down = false
  await clock.advance(30_000)
  expect(await ready()).toBe(1)
  expect(console).toHaveBeenCalled()
  console.mockRestore()
  scheduler.stop()
})
