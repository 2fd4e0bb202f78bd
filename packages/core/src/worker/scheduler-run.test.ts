import { describe, expect, test } from 'vitest'
import { createLink, setUpSchedule as setUp, TICK_MS } from '../../test/set-up-schedule.ts'
import type { MissedTicks } from '../schedule.ts'
import { MAX_MISSED_TICKS } from './scheduler-run.ts'

const policies: readonly MissedTicks[] = ['skip', 'once', 'all']

/** Ticks from one to another, both included. */
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe.each(policies)('missed: %s', (missed) => {
  test('a schedule that is seen for the first time has missed nothing', async () => {
    const { clock, sent, start } = setUp(missed)
    await clock.advance(10.5 * TICK_MS)
    start()
    await clock.advance(TICK_MS)
    expect(sent).toEqual([11])
  })

  test('after a downtime of several ticks', async () => {
    const { clock, sent, start, ready } = setUp(missed)
    const first = start()
    await clock.advance(2.5 * TICK_MS)
    first.stop()
    await clock.advance(3 * TICK_MS)
    expect(sent).toEqual([1, 2])
    start()
    await clock.advance(TICK_MS)
    const madeUp = { skip: [], once: [5], all: [3, 4, 5] }[missed]
    expect(sent).toEqual([1, 2, ...madeUp, 6])
    expect(await ready()).toBe(sent.length)
  })

  test('after a downtime without a tick, and a restart right at one', async () => {
    const { clock, sent, start } = setUp(missed)
    const first = start()
    await clock.advance(1.2 * TICK_MS)
    first.stop()
    await clock.advance(0.5 * TICK_MS)
    const second = start()
    await clock.advance(0.3 * TICK_MS)
    second.stop()
    start()
    await clock.advance(TICK_MS)
    expect(sent).toEqual([1, 2, 3])
  })

  test('many schedulers at once after a downtime: one job a tick, in order', async () => {
    const { clock, sent, start } = setUp(missed)
    start().stop()
    await clock.advance(7.5 * TICK_MS)
    for (let n = 0; n < 8; n++) start()
    await clock.advance(TICK_MS)
    expect(sent).toEqual([...{ skip: [], once: [7], all: range(1, 7) }[missed], 8])
  })

  test('the broker is away over one tick', async () => {
    const { clock, sent, errors, link, start } = setUp(missed)
    start()
    await clock.advance(0.5 * TICK_MS)
    link.down = true
    await clock.advance(TICK_MS)
    expect([sent, errors.length > 3]).toEqual([[], true])
    link.down = false
    await clock.advance(60_000)
    expect(sent).toEqual([1])
    await clock.advance(TICK_MS)
    expect(sent).toEqual([1, 2])
  })

  test('the broker comes back just before the next tick: that one is on time', async () => {
    const { clock, sent, link, start } = setUp(missed)
    start()
    await clock.advance(1)
    link.down = true
    await clock.advance(2 * TICK_MS - 2)
    link.down = false
    await clock.advance(1)
    expect(sent.at(-1)).toBe(2)
  })

  test('the broker is away when a new expression starts: it is known from its start', async () => {
    const { clock, broker, sent, link, start } = setUp(missed)
    await broker.ticks?.last('report')
    await clock.advance(1.5 * TICK_MS)
    link.down = true
    start()
    await clock.advance(2 * TICK_MS)
    link.down = false
    await clock.advance(60_000)
    expect(sent).toEqual(missed === 'all' ? [2, 3] : [3])
  })

  test('the broker is away over several ticks', async () => {
    const { clock, sent, link, start } = setUp(missed)
    start()
    await clock.advance(0.5 * TICK_MS)
    link.down = true
    await clock.advance(4 * TICK_MS)
    link.down = false
    await clock.advance(60_000)
    expect(sent).toEqual(missed === 'all' ? [1, 2, 3, 4] : [4])
    await clock.advance(TICK_MS)
    expect(sent.at(-1)).toBe(5)
  })

  test('the broker is away when a scheduler starts after a downtime', async () => {
    const { clock, sent, link, start } = setUp(missed)
    start().stop()
    await clock.advance(2.5 * TICK_MS)
    link.down = true
    start()
    await clock.advance(TICK_MS)
    link.down = false
    await clock.advance(60_000)
    // It was there at the third tick.
    expect(sent).toEqual({ skip: [3], once: [3], all: [1, 2, 3] }[missed])
  })

  test('the broker is away for one scheduler, while another enqueues: nothing is enqueued twice', async () => {
    const { clock, sent, link, start, ready } = setUp(missed)
    const other = createLink()
    start()
    start({ link: other })
    await clock.advance(0.5 * TICK_MS)
    other.down = true
    await clock.advance(3 * TICK_MS)
    other.down = false
    link.down = true
    await clock.advance(2 * TICK_MS)
    expect([sent, await ready()]).toEqual([range(1, 5), 5])
  })

  test('answers that get lost add no second job', async () => {
    const { clock, sent, errors, link, start, ready } = setUp(missed)
    start()
    link.onSent = () => {
      throw new Error('the answer is lost')
    }
    await clock.advance(3.5 * TICK_MS)
    expect([sent, await ready(), errors.length > 2]).toEqual([[1, 2, 3], 3, true])
  })

  test('an expression that changes has missed nothing, nor has the one before it when it comes back', async () => {
    const { clock, sent, start } = setUp(missed)
    const daily = `every ${24 * TICK_MS}`
    const first = start({ expression: daily })
    await clock.advance(30.5 * TICK_MS)
    first.stop()
    const second = start()
    await clock.advance(TICK_MS)
    second.stop()
    expect(sent).toEqual([24, 31])
    const third = start({ expression: daily })
    await clock.advance(TICK_MS)
    third.stop()
    await clock.advance(17 * TICK_MS)
    start({ expression: daily })
    await clock.advance(60_000)
    expect(sent).toEqual([24, 31, ...(missed === 'skip' ? [] : [48])])
  })

  test('one scheduler has the new expression and another the old one: at a tick of both there is one job', async () => {
    const { clock, sent, start } = setUp(missed)
    start()
    start({ expression: `every ${2 * TICK_MS}` })
    await clock.advance(4.5 * TICK_MS)
    expect(sent).toEqual([1, 2, 3, 4])
  })

  test('stopped while it looks, it does nothing more, also when that fails', async () => {
    const { clock, sent, errors, link, start } = setUp(missed)
    start().stop()
    await clock.advance(3.5 * TICK_MS)
    const scheduler = start()
    link.down = true
    const failing = start()
    scheduler.stop()
    failing.stop()
    await clock.advance(TICK_MS)
    expect([sent, errors, clock.pending]).toEqual([[], [], 0])
  })

  test('stopped while it enqueues, it does nothing more, also when that fails', async () => {
    const { clock, sent, errors, link, start } = setUp(missed)
    const scheduler = start()
    const answer = Promise.withResolvers<void>()
    link.onSent = () => answer.promise
    await clock.advance(1.5 * TICK_MS)
    scheduler.stop()
    answer.reject(new Error('down'))
    await clock.advance(TICK_MS)
    expect([sent, errors, clock.pending]).toEqual([[1], [], 0])
  })
})

test('all: the newest of very many', async () => {
  const { clock, sent, start } = setUp('all', 'every 1000')
  start().stop()
  await clock.advance(5 * TICK_MS + 500)
  start()
  await clock.advance(100)
  expect(sent.length).toBe(MAX_MISSED_TICKS)
  expect(sent[0]).toBe(5 - ((MAX_MISSED_TICKS - 1) * 1_000) / TICK_MS)
  expect(sent.at(-1)).toBe(5)
})

test('all: stopped in the middle of catching up, the next scheduler goes on where it was', async () => {
  const { clock, sent, link, start } = setUp('all')
  start().stop()
  await clock.advance(6.5 * TICK_MS)
  const scheduler = start()
  link.onSent = (tick) => tick === 3 && scheduler.stop()
  await clock.advance(TICK_MS)
  expect([sent, clock.pending]).toEqual([[1, 2, 3], 0])
  start()
  await clock.advance(60_000)
  expect(sent).toEqual(range(1, 7))
})

test('a schedule that skipped, and is to make up from now on, has missed nothing before', async () => {
  const { clock, sent, start } = setUp()
  const first = start({ missed: 'skip' })
  await clock.advance(1.5 * TICK_MS)
  first.stop()
  await clock.advance(2 * TICK_MS)
  const second = start({ missed: 'all' })
  await clock.advance(TICK_MS)
  second.stop()
  expect(sent).toEqual([1, 4])
  await clock.advance(2 * TICK_MS)
  start({ missed: 'all' })
  await clock.advance(60_000)
  expect(sent).toEqual([1, 4, 5, 6])
})
