import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ScaleReading, type ScaleState, scale, toScaleOptions, UNSCALED } from './scaler.ts'

const options = toScaleOptions({ min: 1, max: 8 })

const calm: ScaleReading = {
  at: 0,
  size: 2,
  ready: 100,
  oldestAgeMs: 100,
  busy: 1,
  memoryLeft: undefined,
  memoryNeeded: 100,
}
const deep = { ready: 1_000 }
const idle = { ready: 0, busy: 0 }

/** Takes readings one after the other, with the size decided by the one before, and tells all decisions. */
function decide(readings: readonly Partial<ScaleReading>[], using = options) {
  let state: ScaleState = UNSCALED
  let size = calm.size
  return readings.map((reading) => {
    const decision = scale(state, { ...calm, size, ...reading }, using)
    state = decision.state
    size = decision.size
    return [decision.size, decision.reason]
  })
}

describe('up', () => {
  test('grows when the pressure has lasted, and waits again', () => {
    expect(decide([0, 1_999, 2_000, 3_999, 4_000].map((at) => ({ at, ...deep })))).toEqual([
      [2, undefined],
      [2, undefined],
      [4, 'depth'],
      [4, undefined],
      [8, 'depth'],
    ])
  })

  test('a moment without pressure starts the wait again', () => {
    const readings = [{ at: 0, ...deep }, { at: 1_000 }, { at: 2_000, ...deep }, { at: 3_999, ...deep }]
    expect(decide([...readings, { at: 4_000, ...deep }]).map(([size]) => size)).toEqual([2, 2, 2, 2, 4])
  })

  test.each([
    [4, 401, 5],
    [4, 650, 7],
    [4, 1e9, 8],
    [7, 1e9, 8],
    [8, 1e9, 8],
  ])('from %d isolates with %d jobs ready to %d', (size, ready, grown) => {
    const [, decision] = decide([0, 2_000].map((at) => ({ at, size, ready })))
    expect(decision).toEqual([grown, grown === size ? undefined : 'depth'])
  })

  test('by one at least, where rounding would have it stay: 63 is a little over 45 × 1.4', () => {
    const using = toScaleOptions({ max: 99, high: 1.4, low: 1 })
    expect(
      decide(
        [0, 2_000].map((at) => ({ at, size: 45, ready: 63 })),
        using,
      )[1],
    ).toEqual([46, 'depth'])
  })

  test.each([
    ['just too old', 30_001, 3, 3],
    ['half too old again', 50_000, 10, 4],
    ['one job, which one isolate can take', 1e6, 1, 3],
    ['far too old', 1e9, 100, 4],
  ])('by age: %s', (_, oldestAgeMs, ready, grown) => {
    expect(decide([0, 2_000].map((at) => ({ at, ready, oldestAgeMs })))[1]).toEqual([grown, 'age'])
  })

  test('an age with nothing ready is no pressure', () => {
    expect(decide([0, 2_000].map((at) => ({ at, ready: 0, oldestAgeMs: 1e9 })))[1]).toEqual([2, undefined])
  })

  test.each([
    [undefined, 100, [4, 'depth']],
    [Number.POSITIVE_INFINITY, 100, [4, 'depth']],
    [0, 0, [4, 'depth']],
    [199, 100, [3, 'depth']],
    [99, 100, [2, 'memory']],
    [-1, 100, [2, 'memory']],
  ])('with %s bytes left and %d needed', (memoryLeft, memoryNeeded, decision) => {
    const readings = [0, 2_000].map((at) => ({ at, ...deep, memoryLeft, memoryNeeded }))
    expect(decide(readings)[1]).toEqual(decision)
  })

  test('grows as soon as memory is free', () => {
    const readings = [0, 2_000, 3_000].map((at) => ({ at, ...deep, memoryLeft: 0 }))
    expect(decide([...readings, { at: 3_001, ...deep }])).toEqual([
      [2, undefined],
      [2, 'memory'],
      [2, 'memory'],
      [4, 'depth'],
    ])
  })
})

describe('down', () => {
  test('one at a time, each after its wait, and not under the minimum', () => {
    const readings = [{ at: 0, size: 3 }, ...[1, 60_000, 60_001, 120_000, 120_001, 999_999].map((at) => ({ at }))]
    expect(decide(readings.map((reading) => ({ ...reading, ...idle }))).map(([size]) => size)).toEqual([
      3, 3, 2, 2, 1, 1, 1,
    ])
  })

  test.each([
    ['half of the slots are taken', { ready: 0, busy: 0.5 }],
    ['the queue is at its low mark', { ready: 20, busy: 0 }],
    ['the oldest job is too old', { ready: 1, busy: 0, oldestAgeMs: 30_001 }],
  ])('not when %s', (_, reading) => {
    const sizes = decide([0, 60_000, 120_000].map((at) => ({ at, memoryLeft: 0, ...reading }))).map(([size]) => size)
    expect(sizes).toEqual([2, 2, 2])
  })

  test('not to a size that it would grow from', () => {
    const close = toScaleOptions({ max: 8, high: 100, low: 90 })
    const readings = (ready: number) => [0, 60_000].map((at) => ({ at, ready, busy: 0 }))
    expect(decide(readings(101), close)[1]).toEqual([2, undefined])
    expect(decide(readings(100), close)[1]).toEqual([1, 'idle'])
  })

  test('after growing it takes its full wait, and so does growing after that', () => {
    const up = [0, 2_000].map((at) => ({ at, ...deep }))
    const down = [2_001, 62_000, 62_001].map((at) => ({ at, ...idle }))
    const again = [62_002, 64_001, 64_002].map((at) => ({ at, ...deep }))
    expect(decide([...up, ...down, ...again]).map(([size]) => size)).toEqual([2, 4, 4, 4, 3, 3, 3, 6])
  })
})

test('a size out of bounds is brought into them at once, whatever the memory', () => {
  const using = toScaleOptions({ min: 2, max: 4 })
  expect(decide([{ size: 0, memoryLeft: 0 }], using)).toEqual([[2, undefined]])
  expect(decide([{ size: 9, ...deep }], using)).toEqual([[4, undefined]])
})

test.each<Partial<ScaleReading>>([
  { at: Number.NaN },
  { at: 999 },
  { ready: Number.NaN },
  { ready: -1 },
  { ready: Number.POSITIVE_INFINITY },
  { oldestAgeMs: Number.NaN },
  { busy: Number.NaN },
  { memoryLeft: Number.NaN },
  { memoryNeeded: -1 },
  { size: Number.NaN },
  { size: 1.5 },
])('a bad reading changes nothing: %o', (bad) => {
  const before = scale(UNSCALED, { ...calm, at: 1_000, ...deep }, options)
  expect(scale(before.state, { ...calm, at: 9_000, ...deep, ...bad }, options)).toEqual({
    state: before.state,
    size: before.size,
  })
})

test('a bad size before any good reading is the minimum', () => {
  expect(scale(UNSCALED, { ...calm, size: Number.NaN }, options)).toEqual({ state: UNSCALED, size: 1 })
})

test('a clock of the queue that is ahead of ours is no bad reading', () => {
  expect(decide([0, 2_000].map((at) => ({ at, ...deep, oldestAgeMs: -5 })))[1]).toEqual([4, 'depth'])
})

test('whatever it reads: in bounds, as memory allows, and never back and forth within a wait', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 30_000 }),
    ready: fc.oneof(fc.constant(0), fc.nat(2_000)),
    oldestAgeMs: fc.nat(40_000),
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    memoryLeft: fc.option(fc.nat(500), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 4 }), fc.nat(8), (steps, min, more) => {
      const using = toScaleOptions({ min, max: min + more })
      let state: ScaleState = UNSCALED
      let size = min
      let at = 0
      let changed = { at: 0, by: 0 }
      for (const { after, ...reading } of steps) {
        at += after
        const decision = scale(state, { ...calm, ...reading, at, size }, using)
        const by = decision.size - size
        expect(decision.size).toBeGreaterThanOrEqual(min)
        expect(decision.size).toBeLessThanOrEqual(using.max)
        if (by > 0) expect(by * calm.memoryNeeded).toBeLessThanOrEqual(reading.memoryLeft ?? Number.POSITIVE_INFINITY)
        if (by > 0) expect(decision.size).toBeLessThanOrEqual(size * 2)
        if (by < 0) expect([by, decision.reason]).toEqual([-1, 'idle'])
        if (by !== 0 && changed.by !== 0)
          expect(at - changed.at).toBeGreaterThanOrEqual(by > 0 ? using.upAfterMs : using.downAfterMs)
        if (by !== 0) changed = { at, by }
        state = decision.state
        size = decision.size
      }
    }),
  )
})

describe('options', () => {
  test('have defaults, and read durations', () => {
    expect(toScaleOptions({ max: 4 })).toEqual({
      min: 1,
      max: 4,
      high: 100,
      low: 10,
      maxAgeMs: 30_000,
      upAfterMs: 2_000,
      downAfterMs: 60_000,
    })
    expect(toScaleOptions({ max: 4, maxAge: '1m', upAfter: 0, downAfter: '5m' })).toMatchObject({
      maxAgeMs: 60_000,
      upAfterMs: 0,
      downAfterMs: 300_000,
    })
  })

  test.each([
    [{ min: 0, max: 1 }, 'min of a pool is 0'],
    [{ min: 1.5, max: 2 }, 'min of a pool is 1.5'],
    [{ max: Number.POSITIVE_INFINITY }, 'max of a pool is Infinity'],
    [{ min: 3, max: 2 }, 'under its min of 3'],
    [{ max: 2, high: Number.NaN }, 'high is NaN'],
    [{ max: 2, low: 0 }, 'low is 0'],
    [{ max: 2, low: 100 }, 'low is 100'],
    [{ max: 2, maxAge: 0 }, 'maxAge is 0'],
    [{ max: 2, upAfter: -1 }, 'not a duration'],
    [{ max: 2, downAfter: 'soon' as never }, 'not a duration'],
  ])('%o is refused', (range, message) => {
    expect(() => toScaleOptions(range)).toThrow(
      expect.objectContaining({ code: 'OPTION', message: expect.stringContaining(message) }),
    )
  })
})
