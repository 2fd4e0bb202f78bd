import { describe, expect, test } from 'vitest'
import { setUpSchedule as setUp, TICK_MS } from '../../test/set-up-schedule.ts'
import { createSettableClock } from '../../test/settable-clock.ts'
import type { MissedTicks } from '../schedule.ts'

const policies: readonly MissedTicks[] = ['skip', 'once', 'all']

/** Ticks from one to another, both included. */
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe.each(policies)('missed: %s', (missed) => {
  test('schedulers whose clocks differ by more than a tick: one job a tick', async () => {
    const { clock, sent, start, ready } = setUp(missed)
    for (const ticks of [-1.5, -0.2, 0, 0.1, 2.5]) {
      const own = createSettableClock(clock)
      own.set(ticks * TICK_MS)
      start({ clock: own })
    }
    await clock.advance(12.2 * TICK_MS)
    expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b))
    expect(sent.slice(-11)).toEqual(range(4, 14))
    expect(await ready()).toBe(sent.length)
  })

  test('a clock that is set back comes to no tick twice', async () => {
    const { clock: base, sent, start } = setUp(missed)
    const clock = createSettableClock(base)
    start({ clock })
    await base.advance(3.5 * TICK_MS)
    clock.set(-2 * TICK_MS)
    await base.advance(2 * TICK_MS)
    expect(sent).toEqual([1, 2, 3])
    await base.advance(TICK_MS)
    expect(sent).toEqual([1, 2, 3, 4])
  })

  test('a clock that was wrong at start and is set right is followed', async () => {
    const { clock: base, broker, sent, start } = setUp(missed)
    await broker.ticks?.last('report')
    const clock = createSettableClock(base)
    clock.set(48 * TICK_MS + 60_000)
    const first = start({ clock, missed: 'skip' })
    await base.advance(60_000)
    clock.set(-48 * TICK_MS - 60_000)
    await base.advance(2.5 * TICK_MS)
    first.stop()
    expect(sent).toEqual([1, 2])
  })

  test('a clock that is set forward, as after the sleep of a machine, is noticed within a minute', async () => {
    const { clock: base, sent, start } = setUp(missed)
    const clock = createSettableClock(base)
    start({ clock })
    await base.advance(1_000)
    clock.set(4.5 * TICK_MS)
    await base.advance(60_000)
    expect(sent).toEqual(missed === 'all' ? [1, 2, 3, 4] : [4])
  })

  test('a record that is ahead of the clock is told of, and nothing is enqueued before it', async () => {
    const { clock, sent, errors, start } = setUp(missed)
    start().stop()
    await clock.advance(13.5 * TICK_MS)
    const right = start()
    await clock.advance(TICK_MS)
    right.stop()
    sent.length = 0
    const slow = createSettableClock(clock)
    slow.set(-13.5 * TICK_MS)
    start({ clock: slow })
    await clock.advance(14.2 * TICK_MS)
    expect(sent).toEqual([15])
    expect(errors).toEqual([
      expect.objectContaining({ code: 'SCHEDULE_AHEAD', message: expect.stringContaining('2026-01-01T01:10') }),
    ])
  })

  test('a clock that is days ahead silences nobody: its ticks are refused, and it says so', async () => {
    const { clock, sent, errors, start } = setUp(missed)
    const wrong = createSettableClock(clock)
    const other = start()
    wrong.set(500 * TICK_MS)
    start({ clock: wrong })
    await clock.advance(2.5 * TICK_MS)
    other.stop()
    expect(sent).toEqual([1, 2])
    expect(errors).toContainEqual(expect.objectContaining({ code: 'TICK_AHEAD' }))
    wrong.set(-500 * TICK_MS)
    await clock.advance(TICK_MS)
    expect(sent).toEqual([1, 2, 3])
  })
})
