import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { intervalCron as cron } from '../../test/interval-cron.ts'
import { createSettableClock } from '../../test/settable-clock.ts'
import { createApp } from '../app.ts'
import type { Broker, JobSpec } from '../broker.ts'
import { defineJob } from '../job.ts'
import { createMemoryBroker } from '../memory/index.ts'
import type { ScheduleOptions } from '../schedule.ts'
import { override } from '../testing/override.ts'
import { type CronParser, createScheduler } from './scheduler.ts'

const START = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const report = defineJob<{ readonly kind: string }>({ name: 'report', queue: 'reports' })

/** A broker that honours keys and keeps no record of ticks. */
const withoutTicks = (broker: Broker): Broker => override(broker, { ticks: undefined } as unknown as Partial<Broker>)

/** One or more schedulers of one expression on one broker, in fake time. */
function setUp(expression: string, change: (broker: Broker) => Broker = (broker) => broker) {
  const clock = createSettableClock(START)
  const broker = change(createMemoryBroker({ clock }))
  const toSchedules = (options: Partial<ScheduleOptions> = {}) =>
    createApp().schedule(report, expression, { ...options, data: { kind: 'daily' } }).schedules
  const ready = async (): Promise<number> => (await broker.stats(['reports']))[0]?.ready ?? 0
  return { clock, broker, schedules: toSchedules(), toSchedules, ready }
}

/** A way to a broker that can be cut, also for schedules. */
function cuttable(broker: Broker) {
  const line = { down: false }
  const through = <Value>(call: () => Promise<Value>): Promise<Value> =>
    line.down ? Promise.reject(new Error('down')) : call()
  const { ticks } = broker
  const link = override(broker, {
    send: (...args) => through(() => broker.send(...args)),
    ...(ticks && {
      ticks: {
        last: (name) => through(() => ticks.last(name)),
        send: (name, tick, spec) => through(() => ticks.send(name, tick, spec)),
      },
    }),
  })
  return { line, link }
}

describe.each([
  ['keeps a record of ticks', (broker: Broker) => broker],
  ['honours keys', withoutTicks],
])('on a broker that %s', (_, change) => {
  test('enqueues its job at each tick, with its data', async () => {
    const { clock, broker, schedules, ready } = setUp('every 60000', change)
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
    const { clock, broker, schedules, ready } = setUp('every 60000', change)
    const schedulers = Array.from({ length: 5 }, () => createScheduler(broker, schedules, { cron, clock }))
    await clock.advance(300_000)
    expect(await ready()).toBe(5)
    for (const scheduler of schedulers) scheduler.stop()
  })

  test('a tick further off than a timer can wait for, and none after it', async () => {
    const { clock, broker, schedules, ready } = setUp(`at ${START + 60 * DAY_MS}`, change)
    const scheduler = createScheduler(broker, schedules, { cron, clock })
    await clock.advance(60_000)
    clock.set(60 * DAY_MS - 120_000)
    await clock.advance(59_999)
    expect(await ready()).toBe(0)
    await clock.advance(1)
    expect(await ready()).toBe(1)
    expect(clock.pending).toBe(0)
    scheduler.stop()
  })

  test('a broker that fails is tried again, until the next tick is due; each tick is enqueued once', async () => {
    const { clock, broker, schedules, ready } = setUp('every 600000', change)
    const { line, link } = cuttable(broker)
    const onError = vi.fn()
    const scheduler = createScheduler(link, schedules, { cron, clock, onError })
    line.down = true
    await clock.advance(720_000)
    expect(onError.mock.calls.length).toBeGreaterThan(3)
    expect(onError.mock.calls[0]?.[1]).toMatchObject({ name: 'report' })
    line.down = false
    await clock.advance(60_000)
    expect(await ready()).toBe(1)
    line.down = true
    await clock.advance(2 * 600_000)
    line.down = false
    await clock.advance(600_000)
    // The tick that could not be enqueued before the next one was due is skipped.
    expect(await ready()).toBe(3)
    scheduler.stop()
    expect(clock.pending).toBe(0)
  })

  test('a clock that is set back by hours comes to no tick twice', async () => {
    const { clock, broker, schedules, ready } = setUp('every 600000', change)
    const scheduler = createScheduler(broker, schedules, { cron, clock })
    await clock.advance(650_000)
    // So that the key of the tick is free again.
    clock.set(4 * 3_600_000)
    await clock.advance(60_000)
    clock.set(-4 * 3_600_000)
    const before = await ready()
    await clock.advance(3 * 600_000)
    expect([before, await ready()]).toEqual([2, 2])
    scheduler.stop()
  })

  test('stopped while it enqueues, it plans nothing more', async () => {
    const { clock, broker, schedules } = setUp('every 1000', change)
    const sent = Promise.withResolvers<never>()
    const slow = override(broker, {
      send: () => sent.promise,
      ...(broker.ticks && { ticks: { ...broker.ticks, send: () => sent.promise } }),
    })
    const onError = vi.fn()
    const scheduler = createScheduler(slow, schedules, { cron, clock, onError })
    await clock.advance(1_000)
    scheduler.stop()
    sent.reject(new Error('down'))
    await clock.advance(5_000)
    expect([clock.pending, onError.mock.calls]).toEqual([0, []])
  })

  test('a parser that fails later is told of, and ends its schedule', async () => {
    const { clock, broker, schedules, ready } = setUp('every 1000', change)
    const failing: CronParser = {
      next(expression, after, timezone) {
        if (after.getTime() >= START + 2_000) throw new Error('no')
        return cron.next(expression, after, timezone)
      },
    }
    const onError = vi.fn()
    const scheduler = createScheduler(broker, schedules, { cron: failing, clock, onError })
    await clock.advance(10_000)
    expect(await ready()).toBe(2)
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'OPTION' }), schedules[0]]])
    expect(clock.pending).toBe(0)
    scheduler.stop()
  })

  test('a listener that throws ends no schedule', async () => {
    const { clock, broker, schedules, ready } = setUp('every 60000', change)
    const { line, link } = cuttable(broker)
    const console = vi.spyOn(globalThis.console, 'error').mockImplementation(() => {})
    const scheduler = createScheduler(link, schedules, {
      cron,
      clock,
      onError() {
        throw new Error('no')
      },
    })
    line.down = true
    await clock.advance(60_100)
    line.down = false
    await clock.advance(30_000)
    expect(await ready()).toBe(1)
    expect(console).toHaveBeenCalled()
    console.mockRestore()
    scheduler.stop()
  })
})

test('on a broker that keeps a record, keys are not asked for', async () => {
  const { clock, broker, schedules, ready } = setUp('every 1000')
  const sent: JobSpec[] = []
  const keyless = override(broker, {
    can: { ...broker.can, dedupe: false },
    ticks: {
      last: async () => START,
      async send(_name, _tick, spec) {
        sent.push(spec)
        return true
      },
    },
  })
  const scheduler = createScheduler(keyless, schedules, { cron, clock })
  await clock.advance(1_000)
  scheduler.stop()
  expect([sent, await ready()]).toEqual([[expect.objectContaining({ name: 'report', queue: 'reports' })], 0])
  expect(sent[0]).not.toHaveProperty('key')
})

test('a parser whose next tick is in the past is told of, and not followed', () => {
  const { broker, schedules } = setUp('every 1000')
  const stuck: CronParser = { next: (_, after) => after }
  expect(() => createScheduler(broker, schedules, { cron: stuck })).toThrow(expect.objectContaining({ code: 'OPTION' }))
})

test('data that its schema refuses fail at start', () => {
  const { broker } = setUp('every 1000')
  const checked = defineJob({ name: 'checked', data: z.object({ day: z.string() }) })
  const { schedules } = createApp().schedule(checked, 'every 1000', { data: { day: 1 as never } })
  expect(() => createScheduler(broker, schedules, { cron })).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }))
})

test('what cannot work fails at start: neither ticks nor keys, an expression that is none', () => {
  const { broker, schedules } = setUp('every 1000')
  const keyless = override(withoutTicks(broker), { can: { ...broker.can, dedupe: false } })
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

test.each(['once', 'all'] as const)('missed %s needs a broker that keeps a record of ticks', (missed) => {
  const { broker, toSchedules } = setUp('every 1000', withoutTicks)
  expect(() => createScheduler(broker, toSchedules({ missed }), { cron })).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringMatching(/report.*missed/) }),
  )
})

test('a policy that there is not fails at start', () => {
  const { broker, toSchedules } = setUp('every 1000')
  expect(() => createScheduler(broker, toSchedules({ missed: 'some' as never }), { cron })).toThrow(
    expect.objectContaining({ code: 'OPTION', message: expect.stringMatching(/report.*"some".*skip, once, all/) }),
  )
})
