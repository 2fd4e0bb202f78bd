import { type Broker, createApp, defineJob, type MissedTicks, type Ticks } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createFakeClock, override } from '@isobar/core/testing'
import { createScheduler } from '@isobar/core/worker'
import { describe, expect, test } from 'vitest'
import { cron } from './cron.ts'

const report = defineJob({ name: 'report' })

/** A schedule on a memory broker, in fake time, and the ticks that were enqueued. */
function setUp(expression: string, timezone: string, missed: MissedTicks, start: string) {
  const clock = createFakeClock({ now: Date.parse(start) })
  const memory = createMemoryBroker({ clock })
  const ticks = memory.ticks as Ticks
  const sent: string[] = []
  const broker: Broker = override(memory, {
    ticks: {
      last: (name) => ticks.last(name),
      async send(name, tick, spec) {
        const taken = await ticks.send(name, tick, spec)
        if (taken) sent.push(new Date(tick).toISOString().slice(0, 16))
        return taken
      },
    },
  })
  const { schedules } = createApp().schedule(report, expression, { timezone, missed })
  const run = () => createScheduler(broker, schedules, { cron, clock })
  const until = (time: string) => clock.advance(Date.parse(time) - clock.now())
  return { clock, sent, run, until }
}

/** What a scheduler enqueues that starts after a downtime. */
async function afterDowntime(
  expression: string,
  timezone: string,
  missed: MissedTicks,
  from: string,
  to: string,
): Promise<string[]> {
  const { clock, sent, run, until } = setUp(expression, timezone, missed, from)
  run().stop()
  await until(to)
  const scheduler = run()
  await clock.advance(1)
  scheduler.stop()
  return sent
}

describe('ticks that were missed are those of the time zone', () => {
  const berlin = 'Europe/Berlin'
  test.each<[string, string, string, string, string, string[]]>([
    [
      'daily',
      '0 6 * * *',
      'America/New_York',
      '2026-01-05T12:00Z',
      '2026-01-08T10:59Z',
      ['2026-01-06T11:00', '2026-01-07T11:00'],
    ],
    [
      'over the start of summer time',
      '0 6 * * *',
      berlin,
      '2026-03-27T12:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-28T05:00', '2026-03-29T04:00', '2026-03-30T04:00'],
    ],
    [
      'at a time that is skipped',
      '30 2 * * *',
      berlin,
      '2026-03-28T12:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-29T01:00', '2026-03-30T00:30'],
    ],
    [
      'at a time that comes twice',
      '30 2 * * *',
      berlin,
      '2026-10-24T12:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-25T00:30', '2026-10-26T01:30'],
    ],
    ['stopped between the two of them', '30 2 * * *', berlin, '2026-10-25T00:45Z', '2026-10-25T12:00Z', []],
    [
      'hourly over an hour that comes twice',
      '0 * * * *',
      berlin,
      '2026-10-24T23:30Z',
      '2026-10-25T03:30Z',
      ['2026-10-25T00:00', '2026-10-25T01:00', '2026-10-25T02:00', '2026-10-25T03:00'],
    ],
    [
      'each quarter of an hour over half an hour that is skipped',
      '*/15 * * * *',
      'Australia/Lord_Howe',
      '2026-10-03T15:10Z',
      '2026-10-03T16:10Z',
      ['2026-10-03T15:15', '2026-10-03T15:30', '2026-10-03T15:45', '2026-10-03T16:00'],
    ],
  ])('%s', async (_, expression, timezone, from, to, expected) => {
    expect(await afterDowntime(expression, timezone, 'all', from, to)).toEqual(expected)
    expect(await afterDowntime(expression, timezone, 'once', from, to)).toEqual(expected.slice(-1))
    expect(await afterDowntime(expression, timezone, 'skip', from, to)).toEqual([])
  })
})

describe('over a change of the clocks, a scheduler that ran and one that makes up enqueue the same', () => {
  const nights: readonly (readonly [timezone: string, from: string, to: string])[] = [
    ['Europe/Berlin', '2026-03-28T23:10Z', '2026-03-29T03:10Z'],
    ['Europe/Berlin', '2026-10-24T22:10Z', '2026-10-25T03:10Z'],
    ['America/New_York', '2026-11-01T04:10Z', '2026-11-01T08:10Z'],
  ]
  const expressions = ['30 2 * * *', '*/20 1-3 * * *', '7 * * * *', '15,45 1,2 * * *']
  test.each(nights.flatMap((night) => expressions.map((expression) => [expression, ...night] as const)))(
    '%s in %s from %s',
    async (expression, timezone, from, to) => {
      const { sent, run, until } = setUp(expression, timezone, 'all', from)
      const scheduler = run()
      await until(to)
      scheduler.stop()
      expect(await afterDowntime(expression, timezone, 'all', from, to)).toEqual(sent)
      expect(sent.length).toBeGreaterThan(0)
    },
  )
})

test('each second, after a year of downtime: the newest hundred, soon', async () => {
  const { clock, sent, run } = setUp('* * * * * *', 'Europe/Berlin', 'all', '2025-01-01T00:00Z')
  run().stop()
  await clock.advance(365 * 86_400_000)
  const began = performance.now()
  const scheduler = run()
  await clock.advance(1)
  scheduler.stop()
  expect([sent.length, sent.at(-1)]).toEqual([100, '2026-01-01T00:00'])
  expect(performance.now() - began).toBeLessThan(5_000)
})
