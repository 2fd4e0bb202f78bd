import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DesireOptions, type DesireReading, DRAIN_TARGET_MS, desiredWorkers } from './desired.ts'

/** A worker that does 10 jobs a second, and has nothing to do. */
const quiet: DesireReading = { ready: 0, oldestAgeMs: 0, ratePerWorker: 10, busy: 0 }

test.each<[string, Partial<DesireReading>, number]>([
  ['nothing to do', {}, 1],
  ['what one worker drains in a minute', { ready: 600 }, 1],
  ['a job more than that', { ready: 601 }, 2],
  ['what ten drain in a minute', { ready: 6_000 }, 10],
  ['the same, half a minute old', { ready: 6_000, oldestAgeMs: 30_000 }, 20],
  ['the same, an hour old: not in less than half', { ready: 6_000, oldestAgeMs: 3_600_000 }, 20],
  ['the load beside it', { ready: 600, workers: 4, busy: 0.5 }, 3],
  ['load alone', { workers: 10, busy: 0.41 }, 5],
  ['load that a rounding error makes a little more than 7', { workers: 100, busy: 0.07 }, 7],
  ['all are busy and more waits', { ready: 1, workers: 4, busy: 1 }, 5],
  ['jobs of an hour: not more workers than jobs', { ready: 3, ratePerWorker: 1 / 3_600 }, 3],
  ['an age with nothing ready', { oldestAgeMs: 1e9 }, 1],
  ['no workers yet', { ready: 1_200, workers: 0, busy: 1 }, 2],
  ['an unknown depth', { ready: Number.NaN, workers: 3, busy: 1 }, 3],
  ['an unknown share of busy slots: what there is', { ready: 600, workers: 3, busy: Number.NaN }, 3],
  ['an unknown share of busy slots: and what waits', { ready: 6_000, workers: 3, busy: Number.NaN }, 10],
])('%s', (_, reading, workers) => {
  expect(desiredWorkers({ ...quiet, ...reading })).toBe(workers)
})

test.each([
  [0, 1],
  [59_999, 1],
  [60_000, 2],
  [180_000, 3],
  [3_600_000, 6],
  [Number.POSITIVE_INFINITY, 50],
])('an unknown rate, and jobs of %d ms: %d', (oldestAgeMs, workers) => {
  for (const ratePerWorker of [0, Number.NaN, -1, Number.POSITIVE_INFINITY])
    expect(desiredWorkers({ ...quiet, ratePerWorker, ready: 50, oldestAgeMs })).toBe(workers)
})

test('an unknown rate holds what runs, and does not feed on it', () => {
  expect(desiredWorkers({ ...quiet, ratePerWorker: 0, ready: 50, oldestAgeMs: 60_000, workers: 9, busy: 1 })).toBe(9)
})

describe('bounds', () => {
  test('drainMs is a target of its own', () => {
    expect(desiredWorkers({ ...quiet, ready: 6_000 }, { drainMs: 10 * DRAIN_TARGET_MS })).toBe(1)
  })

  test('at least min, at most max', () => {
    expect(desiredWorkers(quiet, { min: 3 })).toBe(3)
    expect(desiredWorkers({ ...quiet, ready: 1e6 }, { max: 7 })).toBe(7)
  })

  test('0 only when it is asked for, nothing is ready and nothing runs', () => {
    expect(desiredWorkers(quiet, { min: 0 })).toBe(0)
    for (const some of [{ ready: 1 }, { busy: 0.01 }, { ready: Number.NaN }, { busy: Number.NaN }, { busy: 1e-12 }])
      expect(desiredWorkers({ ...quiet, ...some }, { min: 0 })).toBe(1)
  })

  test.each<[DesireOptions, string]>([
    [{ drainMs: 0 }, 'drainMs is 0'],
    [{ drainMs: Number.NaN }, 'drainMs is NaN'],
    [{ min: -1 }, 'min is -1'],
    [{ min: 0.5 }, 'min is 0.5'],
    [{ min: 0, max: 0 }, 'max is 0'],
    [{ min: 2, max: 1 }, 'max is 1'],
    [{ max: Number.NaN }, 'max is NaN'],
  ])('%o is refused', (options, message) => {
    expect(() => desiredWorkers(quiet, options)).toThrow(
      expect.objectContaining({ code: 'OPTION', message: expect.stringContaining(message) }),
    )
  })
})

describe('for any reading', () => {
  const readings = fc.record(
    {
      workers: fc.nat(1_000),
      ready: fc.nat(1e7),
      oldestAgeMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
      ratePerWorker: fc.oneof(fc.constantFrom(0, Number.NaN), fc.double({ min: 0, max: 1e5 })),
      busy: fc.double({ min: 0, max: 1 }),
    },
    { requiredKeys: ['ready', 'oldestAgeMs', 'ratePerWorker', 'busy'] },
  )
  const limits = fc.record({
    min: fc.nat(5),
    max: fc.integer({ min: 5, max: 1e9 }),
    drainMs: fc.nat(1e6).map((n) => n + 1),
  })

  test('more ready never wants fewer', () => {
    fc.assert(
      fc.property(readings, fc.nat(1e6), limits, (reading, more, options) => {
        const deeper = { ...reading, ready: reading.ready + more }
        expect(desiredWorkers(deeper, options)).toBeGreaterThanOrEqual(desiredWorkers(reading, options))
      }),
    )
  })

  test('older never wants fewer', () => {
    fc.assert(
      fc.property(readings, fc.double({ min: 0, max: 1e9, noNaN: true }), limits, (reading, more, options) => {
        const older = { ...reading, oldestAgeMs: reading.oldestAgeMs + more }
        expect(desiredWorkers(older, options)).toBeGreaterThanOrEqual(desiredWorkers(reading, options))
      }),
    )
  })

  test('it holds the load, and drains what is ready in time beside it', () => {
    fc.assert(
      fc.property(readings, (reading) => {
        const workers = desiredWorkers(reading)
        const load = (reading.workers ?? 1) * (Number.isNaN(reading.busy) ? 1 : reading.busy)
        const rounding = workers * 1e-8
        expect(workers + rounding).toBeGreaterThanOrEqual(load)
        if (reading.ready === 0 || !(reading.ratePerWorker > 0) || Number.isNaN(reading.busy)) return
        const beside = workers + rounding - load
        const drained = beside * reading.ratePerWorker * (DRAIN_TARGET_MS / 1_000)
        expect(beside >= reading.ready || drained >= reading.ready).toBe(true)
      }),
    )
  })

  test('a whole number within the bounds, whatever is in it', () => {
    const anything = fc.double()
    const wild = fc.record({
      workers: fc.option(anything, { nil: undefined }),
      ready: anything,
      oldestAgeMs: anything,
      ratePerWorker: anything,
      busy: anything,
    })
    fc.assert(
      fc.property(wild, limits, (reading, options) => {
        const workers = desiredWorkers(reading, options)
        expect(Number.isInteger(workers)).toBe(true)
        expect(workers).toBeGreaterThanOrEqual(options.min)
        expect(workers).toBeLessThanOrEqual(options.max)
      }),
      { numRuns: 1_000 },
    )
  })
})

test('an autoscaler that follows it every 15 s drains a burst in about a minute, and comes back to the load', () => {
  const RATE = 10
  let ready = 20_000
  let workers = 2
  let drainedAt = Number.POSITIVE_INFINITY
  const seen: number[] = []
  for (let at = 0; at < 600_000; at += 1_000) {
    const come = 15
    const done = Math.min(ready + come, workers * RATE)
    ready += come - done
    if (ready === 0) drainedAt = Math.min(drainedAt, at)
    if (at % 15_000 !== 0) continue
    const oldestAgeMs = ready > 0 ? at : 0
    workers = desiredWorkers({ workers, ready, oldestAgeMs, ratePerWorker: RATE, busy: done / (workers * RATE) })
    seen.push(workers)
  }
  expect(drainedAt).toBeLessThan(60_000)
  expect(seen.at(-1)).toBe(2)
  // Draining counts as load, as nobody can tell it from what comes in: so it overshoots, and not without end.
  expect(Math.max(...seen)).toBeLessThan(3 * 36)
})
