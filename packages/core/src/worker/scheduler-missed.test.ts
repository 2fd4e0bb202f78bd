import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NextTick, newestTicks } from './scheduler-missed.ts'

/** Answers from a list, and counts how often it was asked. */
function toNext(ticks: readonly number[]): { next: NextTick; asked: () => number } {
  let asked = 0
  return {
    next(after) {
      asked++
      let low = 0
      let high = ticks.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((ticks[middle] as number) > after) high = middle
        else low = middle + 1
      }
      return ticks[low]
    },
    asked: () => asked,
  }
}

const YEAR_MS = 365 * 86_400_000

test('answers the newest ticks after one time and up to another, in few asks, whatever the ticks', () => {
  const gap = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(1, 1_000, 60_000, 3_600_000, 86_400_000) },
    fc.integer({ min: 1, max: YEAR_MS }),
  )
  const run = fc.tuple(gap, fc.integer({ min: 1, max: 150 }))
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 6 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat({ max: 900 }),
      fc.nat({ max: 900 }),
      fc.integer({ min: -1, max: 1 }),
      (runs, count, from, to, off) => {
        let at = 0
        const ticks = runs.flatMap(([gap, times]) => Array.from({ length: times }, () => (at += gap)))
        const after = (ticks[from] ?? 0) + off
        const until = (ticks[to] ?? at) + off
        const { next, asked } = toNext(ticks)
        const expected = ticks.filter((tick) => tick > after && tick <= until).slice(-count)
        expect(newestTicks(next, after, until, count)).toEqual(expected)
        // Each change of the gap is searched for by halves of the time; there are as many as runs.
        expect(asked()).toBeLessThan(4 * count + 10 + 100 * (runs.length + 1))
      },
    ),
    { numRuns: 500 },
  )
})

/** `* * * * * *`, asked about a year. */
const eachSecond = (asked: { count: number }): NextTick => {
  return (after) => {
    asked.count++
    return (Math.floor(after / 1_000) + 1) * 1_000
  }
}

test.each([
  [1, 30],
  [100, 400],
])('a tick each second and a year of downtime: the newest %i in fewer than %i asks', (count, most) => {
  const asked = { count: 0 }
  const newest = newestTicks(eachSecond(asked), 0, YEAR_MS + 500, count)
  expect(newest).toEqual(Array.from({ length: count }, (_, back) => YEAR_MS - (count - 1 - back) * 1_000))
  expect(asked.count).toBeLessThan(most)
})

test('each second of one day a year, a month later', () => {
  const asked = { count: 0 }
  const second = eachSecond(asked)
  const next: NextTick = (after) => {
    const year = Math.floor(after / YEAR_MS) * YEAR_MS
    return after < year + 86_400_000 - 1_000 ? second(after) : second(year + YEAR_MS - 1_000)
  }
  const newest = newestTicks(next, 10, YEAR_MS + 30 * 86_400_000, 100)
  expect([newest.length, newest[0], newest.at(-1)]).toEqual([100, YEAR_MS + 86_300_000, YEAR_MS + 86_399_000])
  expect(asked.count).toBeLessThan(500)
})

test('a parser that answers one thing and then another does not keep it busy', () => {
  let asked = 0
  const next: NextTick = (after) => (++asked < 5 ? after + 1 : undefined)
  newestTicks(next, 0, 1_000_000, 2)
  expect(asked).toBeLessThan(50)
})
