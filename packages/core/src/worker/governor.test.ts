import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { liveThrough, MB, UNLIMITED } from '../../test/memory-curves.ts'
import { CONFIRM_GROWTH_EVERY_MS, type Governed, type GovernorLimits, govern } from './governor.ts'
import { FRESH, LEAST_GAIN_BYTES, SOFT_SHARE } from './governor-state.ts'
import type { IsolateReading } from './memory-reading.ts'
import { explain } from './recycle-reason.ts'

const LIMIT = 200 * MB
const memory: GovernorLimits = { ...UNLIMITED, memory: LIMIT }

/** A reading in MB; RSS is `total` unless given. */
function reading(total: number, more: Partial<IsolateReading> = {}): IsolateReading {
  const { ageMs = 0 } = more
  const figures = { total: total * MB, heapUsed: total * MB, external: 0, arrayBuffers: 0, rss: total * MB }
  return { ...figures, limit: undefined, jobs: 0, ageMs, confirmed: false, at: ageMs, ...more }
}

/** What is said to each of the readings, read one after the other. */
function said(readings: readonly IsolateReading[], limits = memory): readonly Governed[] {
  const answers: Governed[] = []
  for (const one of readings) answers.push(govern(answers.at(-1)?.state ?? FRESH, one, limits))
  return answers
}

const actions = (readings: readonly IsolateReading[], limits = memory): readonly string[] =>
  said(readings, limits).map(({ verdict }) => verdict.action)

const baseline = reading(40, { confirmed: true })

describe('memory', () => {
  test('a reading near the limit asks for a collection, and what that leaves decides', () => {
    const high = reading(170, { ageMs: 5_000, jobs: 1_000 })
    expect(actions([baseline, high, reading(60, { ageMs: 5_020, jobs: 1_000, confirmed: true })])).toEqual([
      'continue',
      'confirm',
      'continue',
    ])
    const [, , last] = said([baseline, high, reading(165, { ageMs: 5_020, jobs: 1_000, confirmed: true })])
    expect(last?.verdict).toEqual({
      action: 'recycle',
      why: {
        reason: 'memory',
        measure: 'total',
        total: 165 * MB,
        rss: 165 * MB,
        limit: LIMIT,
        baseline: { total: 40 * MB, rss: 40 * MB },
        confirmed: true,
        slope: 125_000,
        jobs: 1_000,
        ageMs: 5_020,
      },
    })
  })

  test('asked once in ten seconds, and once a second above the limit', () => {
    const at = (total: number, ageMs: number): IsolateReading => reading(total, { ageMs, jobs: 10 })
    const askedAt = (readings: readonly IsolateReading[]): readonly number[] =>
      said(readings).flatMap(({ verdict }, n) => (verdict.action === 'confirm' ? [readings[n]?.ageMs ?? 0] : []))
    const times = Array.from({ length: 500 }, (_, n) => 50 * (n + 1))
    expect(askedAt([baseline, ...times.map((ms) => at(170, ms))])).toEqual([50, 10_050, 20_050])
    expect(askedAt([baseline, ...times.slice(0, 60).map((ms) => at(210, ms))])).toEqual([50, 1_050, 2_050])
  })

  test('a climb that would pass the limit before anything could be done asks early', () => {
    const at = (total: number, n: number): IsolateReading => reading(total, { ageMs: n * 50, jobs: n })
    expect(actions([baseline, at(80, 1), at(120, 2)]).at(-1)).toBe('confirm')
    // One leap is not a climb.
    expect(actions([baseline, at(40, 1), at(120, 2)]).at(-1)).not.toBe('confirm')
  })

  test('too fast for another collection: recycled unconfirmed when the slope says that it is no garbage', () => {
    const high = reading(170, { ageMs: 950, jobs: 990 })
    const confirmed = (total: number): IsolateReading => reading(total, { ageMs: 1_000, jobs: 1_000, confirmed: true })
    const over = reading(205, { ageMs: 1_200, jobs: 1_300 })
    const [, , , last] = said([baseline, high, confirmed(150), over])
    expect(last?.verdict).toMatchObject({ action: 'recycle', why: { reason: 'memory', confirmed: false } })
    expect(actions([baseline, high, confirmed(45), over]).at(-1)).not.toBe('recycle')
  })

  test('RSS is what grew when total explains less than half of it', () => {
    const end = (total: number): IsolateReading =>
      reading(total, { rss: 180 * MB, ageMs: 9_000, jobs: 10, confirmed: true })
    expect(said([baseline, end(111)])[1]?.verdict).toMatchObject({ why: { measure: 'total' } })
    expect(said([baseline, end(109)])[1]?.verdict).toMatchObject({ why: { measure: 'rss', slope: 14 * MB } })
  })

  test('without a confirmed reading before the first job, the lowest that was read stands for it', () => {
    const late = (total: number): IsolateReading => reading(total, { ageMs: 9_000, jobs: 10, confirmed: true })
    expect(actions([reading(170, { jobs: 9 })])).toEqual(['confirm'])
    expect(actions([reading(50, { jobs: 1 }), late(165)])).toEqual(['continue', 'recycle'])
    expect(actions([late(165)])).not.toContain('recycle')
  })

  test('no limit, no recycle and no collection', () => {
    expect(
      actions([baseline, reading(1e6, { ageMs: 50, confirmed: true }), reading(1e7, { ageMs: 100 })], UNLIMITED),
    ).toEqual(['continue', 'continue', 'continue'])
  })
})

describe('a fresh isolate near its limit', () => {
  const fresh = reading(170, { confirmed: true })
  const later = (total: number, confirmed = true): IsolateReading => reading(total, { ageMs: 50, jobs: 5, confirmed })

  test('is told once', () => {
    const notices = said([fresh, fresh, later(171)]).map(({ notice }) => notice)
    const figures = { baseline: { total: 170 * MB, rss: 170 * MB }, limit: LIMIT, recycleAt: 190 * MB }
    expect(notices).toEqual([{ reason: 'baseline', measure: 'total', ...figures }, undefined, undefined])
    expect(said([baseline])[0]).not.toHaveProperty('notice')
  })

  test('is recycled, and looked at, only for what a fresh one would win back', () => {
    expect(actions([fresh, later(189, false)]).at(-1)).not.toBe('confirm')
    expect(actions([fresh, later(191, false)]).at(-1)).toBe('confirm')
    expect(actions([fresh, later(189)]).at(-1)).not.toBe('recycle')
    expect(actions([fresh, later(191)]).at(-1)).toBe('recycle')
  })

  test('has less to gain the closer it is, but never less than a few MB', () => {
    const close = reading(190, { confirmed: true })
    expect(actions([close, later(197)]).at(-1)).not.toBe('recycle')
    expect(actions([close, later(198.1)]).at(-1)).toBe('recycle')
    const closest = reading(199, { confirmed: true })
    expect(actions([closest, later(199 + LEAST_GAIN_BYTES / MB - 0.1)]).at(-1)).not.toBe('recycle')
    expect(actions([closest, later(199 + LEAST_GAIN_BYTES / MB)]).at(-1)).toBe('recycle')
  })
})

describe('readings that make no sense', () => {
  test.each<Partial<IsolateReading>>([
    { total: Number.NaN },
    { rss: -1 },
    { rss: Number.POSITIVE_INFINITY },
    { jobs: Number.NaN },
    { jobs: 4 },
    { ageMs: Number.NaN },
    { ageMs: 40, at: 100 },
    { at: 40 },
    { at: Number.NaN },
  ])('%o decides nothing', (more) => {
    const before = reading(50, { ageMs: 50, jobs: 5 })
    const bad = reading(500, { ageMs: 100, jobs: 5, confirmed: true, ...more })
    const limits = { memory: LIMIT, jobs: 6, ageMs: 110 }
    expect(said([baseline, before, bad], limits).at(-1)?.verdict).toEqual({ action: 'continue' })
  })

  test('a wall clock that was set back is followed from there', () => {
    const at = (ageMs: number, wall: number): IsolateReading =>
      reading(180, { ageMs, jobs: 9, at: wall, confirmed: true })
    const before = reading(50, { ageMs: 1, at: 9_000_000 })
    expect(actions([baseline, before, at(50, 1_000), at(100, 1_050)])).toEqual([
      'continue',
      'continue',
      'continue',
      'recycle',
    ])
  })
})

describe('what it says', () => {
  const why = (limits: GovernorLimits, last: IsolateReading): string => {
    const verdict = said([baseline, last], limits)[1]?.verdict
    return verdict?.action === 'recycle' ? explain(verdict.why) : (verdict?.action ?? '')
  }
  const end = reading(165, { rss: 190 * MB, ageMs: 61_000, jobs: 1_250, confirmed: true })

  test('in one sentence each', () => {
    expect(why(memory, end)).toBe(
      'total memory grew from 40 MB to 165 MB in 1,250 jobs (100 KB a job), and its limit is 200 MB (total memory 165 MB, RSS 190 MB); confirmed by a full collection',
    )
    expect(why({ ...UNLIMITED, jobs: 1_000 }, end)).toBe(
      'it has done 1,250 jobs of 1,000 (total memory 165 MB, RSS 190 MB)',
    )
    expect(why({ ...UNLIMITED, ageMs: 60_000 }, end)).toBe('it is 61 s old of 60 s (total memory 165 MB, RSS 190 MB)')
  })

  test('and of a fresh isolate what to do', () => {
    const notice = said([reading(150, { rss: 180.5 * MB, confirmed: true })])[0]?.notice
    expect(notice && explain(notice)).toBe(
      'a fresh isolate already takes 180.5 MB of RSS, and its limit is 200 MB: raise memory, or load less in it; it is not recycled for memory below 196.1 MB',
    )
  })
})

const size = fc.integer({ min: 0, max: 300 })
/** Steps from one reading to the next. */
const step = fc.record({
  total: size,
  rss: size,
  jobs: fc.integer({ min: 0, max: 2_000 }),
  ms: fc.integer({ min: 1, max: 3_000 }),
  confirmed: fc.boolean(),
})
const life = fc.array(step, { minLength: 1, maxLength: 60 }).map((steps) => {
  let [jobs, ageMs] = [0, 0]
  return steps.map(({ total, rss, confirmed, ...more }, n) => {
    if (n > 0) [jobs, ageMs] = [jobs + more.jobs, ageMs + more.ms]
    return reading(total, { rss: rss * MB, jobs, ageMs, confirmed })
  })
})
const orInfinity = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 1, max }), fc.constant(Number.POSITIVE_INFINITY))
const someLimits = fc.record({
  memory: orInfinity(250).map((mb) => mb * MB),
  jobs: orInfinity(50_000),
  ageMs: orInfinity(100_000),
})

describe('properties', () => {
  test('the same answer to the same question, nothing changed, a state of bounded size, and no exception', () => {
    const figure = fc.oneof(fc.double(), fc.constantFrom(-1, 0, 1e9))
    const anything = fc.record({
      total: figure,
      rss: figure,
      jobs: figure,
      ageMs: figure,
      at: figure,
      confirmed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 40 }), life, someLimits, (odd, even, limits) => {
        let state = FRESH
        for (const one of [...odd.map((more) => reading(1, more)), ...even]) {
          const before = structuredClone(state)
          const answer = govern(state, Object.freeze(one), limits)
          expect(govern(state, one, limits)).toEqual(answer)
          expect(state).toEqual(before)
          expect(JSON.stringify(answer.state).length).toBeLessThan(2_500)
          state = answer.state
        }
      }),
    )
  })

  test('recycled for memory only when it is confirmed at 80 %, or else by the slope of confirmed readings', () => {
    fc.assert(
      fc.property(life, someLimits, (readings, limits) => {
        const answers = said(readings, limits)
        const at = answers.findIndex(({ verdict }) => verdict.action === 'recycle')
        const verdict = answers[at]?.verdict
        if (verdict?.action !== 'recycle' || verdict.why.reason !== 'memory') return
        const { total, rss, confirmed } = verdict.why
        const worst = Math.max(total, rss)
        if (confirmed) expect(worst).toBeGreaterThanOrEqual(limits.memory * SOFT_SHARE)
        else expect(readings.slice(0, at).some((one) => one.confirmed)).toBe(true)
        expect(readings[at]?.confirmed).toBe(confirmed)
      }),
      { numRuns: 300 },
    )
  })

  test('what is recycled stays recycled, for the same reason', () => {
    fc.assert(
      fc.property(life, someLimits, (readings, limits) => {
        const verdicts = said(readings, limits).map(({ verdict }) => verdict)
        const at = verdicts.findIndex(({ action }) => action === 'recycle')
        for (const verdict of at < 0 ? [] : verdicts.slice(at)) expect(verdict).toEqual(verdicts[at])
      }),
    )
  })

  test('a collection is never asked for twice in a quarter of a second', () => {
    fc.assert(
      fc.property(life, (readings) => {
        let asked = Number.NEGATIVE_INFINITY
        for (const [n, { verdict }] of said(readings).entries()) {
          const one = readings[n]
          if (verdict.action !== 'confirm' || !one) continue
          expect(one.ageMs - asked).toBeGreaterThanOrEqual(CONFIRM_GROWTH_EVERY_MS)
          asked = one.ageMs
        }
      }),
    )
  })

  test('an isolate lives no longer with less jobs or less time; nor, fully confirmed, with less memory', () => {
    const end = (readings: readonly IsolateReading[], limits: GovernorLimits): number => {
      const at = actions(readings, limits).indexOf('recycle')
      return at < 0 ? Number.POSITIVE_INFINITY : at
    }
    fc.assert(
      fc.property(life, someLimits, fc.double({ min: 0.1, max: 1, noNaN: true }), (readings, limits, share) => {
        const all = end(readings, limits)
        expect(end(readings, { ...limits, jobs: limits.jobs * share })).toBeLessThanOrEqual(all)
        expect(end(readings, { ...limits, ageMs: limits.ageMs * share })).toBeLessThanOrEqual(all)
        const confirmed = readings.map((one, n) => ({ ...one, ...(n === 0 && { total: 0, rss: 0 }), confirmed: true }))
        expect(end(confirmed, { ...limits, memory: limits.memory * share })).toBeLessThanOrEqual(end(confirmed, limits))
      }),
      { numRuns: 200 },
    )
  })

  test('garbage of whatever size and speed recycles nobody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500_000 }), fc.integer({ min: 1, max: 600 }), (perMs, collectedAt) => {
        const garbage = { perMs, collectedAt: collectedAt * MB }
        const { recycled } = liveThrough({ jobs: 1_000, live: () => ({ heap: 40 * MB }), garbage }, memory, 20_000)
        expect(recycled).toBeUndefined()
      }),
    )
  })

  test('a leak of whatever speed up to a limit in 250 ms is recycled before it is killed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_000, max: 480_000 }), fc.integer({ min: 0, max: 30 }), (perMs, collectedAt) => {
        const garbage = { perMs: perMs / 5, collectedAt: (collectedAt + 1) * MB }
        const live = (_: number, ms: number): { heap: number } => ({ heap: 40 * MB + ms * perMs })
        const { recycled, killed } = liveThrough({ jobs: 1_000, live, garbage }, memory, 120_000)
        expect({ killed, reason: recycled?.reason }).toEqual({ killed: false, reason: 'memory' })
      }),
    )
  })
})
