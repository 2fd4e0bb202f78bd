import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Backoff,
  DEFAULT_ATTEMPTS,
  DEFAULT_BACKOFF,
  delayAfter,
  exponential,
  fixed,
  MAX_DELAY_MS,
  Release,
  RetryAfter,
  toRetryPolicy,
} from './retry.ts'

const error = new Error('no')
const shape = fc.record({
  base: fc.nat(1_000_000),
  max: fc.nat(100_000_000),
  factor: fc.double({ min: 1, max: 100, noNaN: true }),
})
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempts = fc.integer({ min: 1, max: 10_000 })

describe('exponential', () => {
  test('grows from the base, never shrinks, and stays under its cap, however many attempts', () => {
    fc.assert(
      fc.property(shape, attempts, (options, attempt) => {
        const backoff = exponential({ ...options, jitter: false })
        const delay = delayAfter(backoff, attempt, error)
        expect(Number.isInteger(delay)).toBe(true)
        expect(delay).toBeLessThanOrEqual(options.max)
        expect(delay).toBeLessThanOrEqual(delayAfter(backoff, attempt + 1, error))
        expect(delayAfter(backoff, 1, error)).toBe(Math.min(options.base, options.max))
      }),
    )
  })

  test('with jitter is anything from nothing to that', () => {
    fc.assert(
      fc.property(shape, attempts, random, (options, attempt, chance) => {
        const full = delayAfter(exponential({ ...options, jitter: false }), attempt, error)
        const delay = delayAfter(exponential(options), attempt, error, () => chance)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(full)
        expect(Math.abs(delay - full * chance)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('by default is 2 s, 4 s, 8 s … at most 300 s', () => {
    const delays = [1, 2, 3, 8, 9, 1_000].map((attempt) => delayAfter(exponential({ jitter: false }), attempt, error))
    expect(delays).toEqual([2_000, 4_000, 8_000, 256_000, 300_000, 300_000])
    expect(exponential()).toEqual(DEFAULT_BACKOFF)
  })

  test('from nothing stays nothing, when its growth is past counting too', () => {
    expect(delayAfter(exponential({ base: 0, jitter: false }), 10_000, error)).toBe(0)
  })

  test('takes durations, and is data that can be sent', () => {
    const backoff = exponential({ base: '1s', max: '5m', factor: 3, jitter: false })
    expect(JSON.parse(JSON.stringify(backoff))).toEqual({
      kind: 'exponential',
      baseMs: 1_000,
      maxMs: 300_000,
      factor: 3,
      jitter: false,
    })
  })

  test.each([{ factor: 0.5 }, { factor: Number.NaN }, { base: -1 }, { max: '5 parsecs' as never }])(
    'refuses %j',
    (options) => {
      expect(() => exponential(options)).toThrow(expect.objectContaining({ code: 'OPTION' }))
    },
  )
})

test('fixed is always the same', () => {
  expect([1, 2, 100].map((attempt) => delayAfter(fixed('5s'), attempt, error))).toEqual([5_000, 5_000, 5_000])
})

describe('a backoff function', () => {
  test('is given the attempt and its error, and may answer in words', () => {
    const seen: unknown[] = []
    const backoff: Backoff = (...given) => {
      seen.push(given)
      return '2m'
    }
    expect(delayAfter(backoff, 3, error)).toBe(120_000)
    expect(seen).toEqual([[3, error]])
  })

  test('that throws or answers nonsense falls back to the default, with its jitter', () => {
    const nonsense = fc
      .anything()
      .filter((answer) => !(typeof answer === 'number' && answer >= 0 && answer < Number.POSITIVE_INFINITY))
    fc.assert(
      fc.property(
        nonsense,
        fc.boolean(),
        fc.integer({ min: 1, max: 100 }),
        random,
        (answer, throws, attempt, chance) => {
          const backoff = (): never => {
            if (throws) throw answer
            return answer as never
          }
          expect(delayAfter(backoff, attempt, error, () => chance)).toBe(
            delayAfter(DEFAULT_BACKOFF, attempt, error, () => chance),
          )
        },
      ),
    )
  })
})

test('no delay is longer than a year', () => {
  const tooLong = '1000d'
  for (const backoff of [
    fixed(tooLong),
    () => tooLong,
    exponential({ base: tooLong, max: tooLong, jitter: false }),
  ] as Backoff[]) {
    expect(delayAfter(backoff, 1, error)).toBe(MAX_DELAY_MS)
  }
  expect(new RetryAfter(tooLong).delayMs).toBe(MAX_DELAY_MS)
  expect(new Release(tooLong).delayMs).toBe(MAX_DELAY_MS)
})

describe('a policy', () => {
  test('fills in what is left out', () => {
    expect(toRetryPolicy()).toEqual({ attempts: DEFAULT_ATTEMPTS, backoff: DEFAULT_BACKOFF })
    expect(toRetryPolicy({ attempts: 1 })).toEqual({ attempts: 1, backoff: DEFAULT_BACKOFF })
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %j attempts', (attempts) => {
    expect(() => toRetryPolicy({ attempts })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})

describe('RetryAfter and Release', () => {
  test('carry their delay, their words and their cause', () => {
    expect(new RetryAfter('10m', 'later', { cause: error })).toMatchObject({
      code: 'RETRY_AFTER',
      name: 'RetryAfter',
      delayMs: 600_000,
      message: 'later',
      cause: error,
    })
    expect(new Release()).toMatchObject({ code: 'RELEASE', name: 'Release', delayMs: 0 })
  })

  test('refuse a delay that is none', () => {
    expect(() => new RetryAfter('soon' as never)).toThrow(expect.objectContaining({ code: 'OPTION' }))
    expect(() => new Release(-1)).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})
