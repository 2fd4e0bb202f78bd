import { describe, expect, test } from 'vitest'
import { type Curve, type Life, livesFor, liveThrough, MB, UNLIMITED } from '../../test/memory-curves.ts'
import {
  CONFIRM_AT_LIMIT_EVERY_MS,
  CONFIRM_EVERY_MS,
  CONFIRM_GROWTH_EVERY_MS,
  type GovernorLimits,
  PREPARE_MS,
} from './governor.ts'
import { LEAST_GAIN_SHARE, SOFT_SHARE } from './governor-state.ts'

const LIMIT = 256 * MB
const SOFT = LIMIT * SOFT_SHARE
const memory: GovernorLimits = { ...UNLIMITED, memory: LIMIT }
const minutes = (count: number): number => count * 60_000

/** Bytes in use when fresh, and what each job adds. */
const leak =
  (fresh: number, perJob: number): Curve['live'] =>
  (jobs) => ({ heap: fresh + jobs * perJob })
const flat = leak(40 * MB, 0)

/** Confirmed readings asked for within the wait before the next. */
const tooSoon = ({ confirms }: Life, pause: number): number =>
  confirms.filter(({ ms }, at) => ms - (confirms[at - 1]?.ms ?? Number.NEGATIVE_INFINITY) < pause).length

/** It was recycled for memory that was in use, before the limit was passed. */
function expectRecycled(life: Life, measure: 'total' | 'rss'): void {
  expect(life).toMatchObject({ recycled: { reason: 'memory', measure, limit: LIMIT }, killed: false })
  expect(life.live.rss).toBeGreaterThanOrEqual(SOFT)
  expect(life.live.rss).toBeLessThan(LIMIT)
  expect(tooSoon(life, CONFIRM_GROWTH_EVERY_MS)).toBe(0)
}

describe('leaks', () => {
  test('slow, in the heap, under a sawtooth: confirmed, its successor asked for in time', () => {
    const life = liveThrough(
      { jobs: 200, live: leak(40 * MB, 2_000), garbage: { perMs: 8_000, collectedAt: 30 * MB } },
      memory,
      minutes(30),
    )
    expectRecycled(life, 'total')
    expect(life.recycled).toMatchObject({ confirmed: true, baseline: { total: 40 * MB, rss: 80 * MB } })
    expect(life.recycled?.slope).toBeCloseTo(2_000, -1)
    expect(tooSoon(life, CONFIRM_EVERY_MS)).toBe(0)
    expect(life.ageMs - (life.prepared ?? Number.NaN)).toBeGreaterThanOrEqual(PREPARE_MS)
  })

  test('slow, without garbage: one collection, and the successor two seconds before', () => {
    const life = liveThrough({ jobs: 200, live: leak(40 * MB, 2_000) }, memory, minutes(30))
    expectRecycled(life, 'total')
    expect(life.confirms).toHaveLength(1)
    expect(life.ageMs - (life.prepared ?? Number.NaN)).toBeGreaterThanOrEqual(PREPARE_MS)
    expect(life.ageMs - (life.prepared ?? Number.NaN)).toBeLessThan(2 * PREPARE_MS)
  })

  // 500 MB a second: from fresh to the limit in a third of a second.
  test.each([0, 30_000, 100_000, 200_000])(
    '100 KB a job at 5,000 jobs a second, with %i bytes of garbage a ms',
    (perMs) => {
      const life = liveThrough(
        { jobs: 5_000, live: leak(40 * MB, 100_000), garbage: { perMs, collectedAt: 20 * MB } },
        memory,
        minutes(1),
      )
      expectRecycled(life, 'total')
      expect(life.ageMs - (life.prepared ?? Number.NaN)).toBeGreaterThanOrEqual(100)
    },
  )

  test('one that begins late, right after a collection has found only garbage', () => {
    const from = 5_600
    for (const startMs of [from, from + 200, from + 400, from + 800]) {
      const life = liveThrough(
        {
          jobs: 1_000,
          live: (_, ms) => ({ heap: 40 * MB + Math.max(0, ms - startMs) * 60_000 }),
          garbage: { perMs: 25_000, collectedAt: 140 * MB },
        },
        memory,
        minutes(1),
      )
      expect(life.killed).toBe(false)
      expectRecycled(life, 'total')
    }
  })

  test('of 50 MB a second, confirmed just below its threshold: asked for again before it is too late', () => {
    const life = liveThrough(
      {
        jobs: 500,
        live: (jobs) => ({ heap: 40 * MB + jobs * 100_000 }),
        garbage: { perMs: 5_000, collectedAt: 6 * MB },
      },
      memory,
      minutes(1),
    )
    expectRecycled(life, 'total')
    expect(life.recycled?.confirmed).toBe(true)
    expect(life.live.rss).toBeLessThan(0.9 * LIMIT)
  })

  test('of Buffers only: the heap stays as it was', () => {
    const live: Curve['live'] = (jobs) => ({ heap: 40 * MB, buffers: jobs * 100_000 })
    const life = liveThrough({ jobs: 50, live }, memory, minutes(10))
    expectRecycled(life, 'total')
  })

  test('native: seen in RSS only, and named so', () => {
    const life = liveThrough(
      { jobs: 50, live: (jobs) => ({ heap: 40 * MB, native: jobs * 20_000 }) },
      memory,
      minutes(10),
    )
    expectRecycled(life, 'rss')
    expect(life.recycled).toMatchObject({ total: 40 * MB, confirmed: true, slope: 20_000 })
  })
})

describe('no leaks', () => {
  test('a sawtooth of garbage that would pass the limit: collections, and no recycle', () => {
    const life = liveThrough(
      { jobs: 500, live: flat, garbage: { perMs: 30_000, collectedAt: 2 * LIMIT } },
      memory,
      minutes(10),
    )
    expect(life.recycled).toBeUndefined()
    expect(life.confirms.length).toBeGreaterThan(10)
    expect(tooSoon(life, CONFIRM_AT_LIMIT_EVERY_MS)).toBe(0)
  })

  test.each([1_000, 10_000, 30_000])(
    'one below the limit, %i bytes a ms: at most one collection in ten seconds',
    (perMs) => {
      const life = liveThrough(
        { jobs: 500, live: flat, garbage: { perMs, collectedAt: 170 * MB } },
        memory,
        minutes(30),
      )
      expect(life).toMatchObject({ recycled: undefined, killed: false })
      expect(life.confirms.length).toBeGreaterThan(0)
      expect(tooSoon(life, CONFIRM_EVERY_MS)).toBe(0)
    },
  )

  test('a spike that is gone when it is looked at', () => {
    const spike: Curve['live'] = (_, ms) => ({ heap: (ms >= 30_000 && ms < 30_010 ? 180 : 40) * MB })
    const life = liveThrough({ jobs: 100, live: spike }, memory, minutes(2))
    expect(life.recycled).toBeUndefined()
    expect(life.confirms).toEqual([{ ms: 30_000, figure: 220 * MB }])
  })

  test.each([0, 5_000])('a cache that fills and stops near its threshold, with %i bytes of garbage a ms', (perMs) => {
    const cache: Curve['live'] = (jobs) => ({ heap: 40 * MB + Math.min(110 * MB, jobs * 50_000) })
    const life = liveThrough({ jobs: 500, live: cache, garbage: { perMs, collectedAt: 60 * MB } }, memory, minutes(20))
    expect(life).toMatchObject({ recycled: undefined, killed: false })
    // What it filled with was growth: asked for again soon at first, and ever later.
    expect(tooSoon(life, CONFIRM_EVERY_MS)).toBeLessThan(60)
  })

  test('a long idle isolate is left in peace', () => {
    const life = liveThrough({ jobs: 0, live: flat }, memory, minutes(30))
    expect(life).toMatchObject({ recycled: undefined, confirms: [], prepares: 0, notices: [] })
  })
})

describe('a fresh isolate near its limit', () => {
  const near = 0.9 * LIMIT - 40 * MB

  test('that does not grow: one notice, no loop', () => {
    const lives = livesFor(100_000, { jobs: 1_000, live: leak(near, 0) }, memory)
    expect(lives).toHaveLength(1)
    expect(lives[0]).toMatchObject({ recycled: undefined, confirms: [] })
    expect(lives[0]?.notices).toMatchObject([{ reason: 'baseline', measure: 'rss', limit: LIMIT }])
  })

  test('that gets warm: no loop either', () => {
    const warm: Curve['live'] = (jobs) => ({ heap: near + Math.min(jobs, 100) * 0.1 * MB })
    expect(livesFor(100_000, { jobs: 1_000, live: warm }, memory)).toHaveLength(1)
  })

  test('that leaks: recycled for what a fresh one wins back, and none is killed', () => {
    const perJob = 2_000
    const lives = livesFor(100_000, { jobs: 1_000, live: leak(near, perJob) }, memory)
    const gain = 0.1 * LIMIT * SOFT_SHARE
    expect(lives.every(({ killed, notices }) => !killed && notices.length === 1)).toBe(true)
    expect(lives.length).toBeLessThanOrEqual(Math.ceil((100_000 * perJob) / gain))
    expect(lives.length).toBeGreaterThan(1)
  })

  test('above its limit: one notice an isolate, and a recycle only for a tenth of the limit', () => {
    const perJob = 2_000
    const lives = livesFor(100_000, { jobs: 1_000, live: leak(1.2 * LIMIT, perJob) }, memory)
    expect(lives.every(({ notices }) => notices.length === 1)).toBe(true)
    expect(lives.length).toBeLessThanOrEqual(Math.ceil((100_000 * perJob) / (LEAST_GAIN_SHARE * LIMIT)))
    expect(livesFor(100_000, { jobs: 1_000, live: leak(1.2 * LIMIT, 0) }, memory)).toHaveLength(1)
  })
})

describe('jobs and age', () => {
  test('the limit of jobs, its successor asked for about two seconds before', () => {
    const life = liveThrough({ jobs: 100, live: flat }, { ...memory, jobs: 1_000 }, minutes(1))
    expect(life.recycled).toMatchObject({ reason: 'jobs', limit: 1_000, jobs: 1_000 })
    expect(life.prepared).toBe(8_000)
  })

  test('an isolate that has idled for an hour before its jobs came', () => {
    const hour = minutes(60)
    const jobs = (ms: number): number => Math.max(0, ms - hour) / 10
    const life = liveThrough({ jobs, live: flat }, { ...memory, jobs: 1_000 }, 2 * hour)
    expect(life.recycled).toMatchObject({ reason: 'jobs' })
    expect(life.ageMs - (life.prepared ?? Number.NaN)).toBeGreaterThanOrEqual(PREPARE_MS)
    expect(life.prepared).toBeGreaterThan(hour)
  })

  test('one job an isolate: the successor is asked for at once', () => {
    const life = liveThrough({ jobs: 10, live: flat }, { ...memory, jobs: 1 }, minutes(1))
    expect(life).toMatchObject({ prepared: 0, jobs: 1, recycled: { reason: 'jobs' } })
  })

  test('the limit of age, idle or not', () => {
    for (const jobs of [0, 100]) {
      const life = liveThrough({ jobs, live: flat }, { ...memory, ageMs: 60_000 }, minutes(2))
      expect(life).toMatchObject({ prepared: 58_000, recycled: { reason: 'age', limit: 60_000, ageMs: 60_000 } })
    }
  })
})
