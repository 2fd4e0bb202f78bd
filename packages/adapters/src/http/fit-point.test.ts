import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LivePoint, MAX_POINT_QUEUES, MAX_POINT_SLOTS, MAX_POINT_TYPES } from './contract.ts'
import { MAX_EVENT_BYTES, PointFitter } from './fit-point.ts'
import { toEvent } from './live.ts'

const bytes = (text: string): number => new TextEncoder().encode(toEvent(text)).length

/** A point in which everything is as long as it gets. */
function longest(name: (n: number) => string): LivePoint {
  const most = 123_456_789_012
  return {
    at: 1_700_000_000_000,
    done: 1e6,
    retried: 1e6,
    dead: 1e6,
    released: 1e6,
    running: 1e4,
    buffered: 1e4,
    p50: 1234.5,
    p99: 123_456,
    loopDelay: 12_345.6,
    memory: { total: most, rss: most, limit: most },
    types: Array.from({ length: MAX_POINT_TYPES }, (_, n) => [name(n), 123_456_789, -123_456_789, 123_456_789, 1]),
    slots: Array.from({ length: MAX_POINT_SLOTS }, (_, n) => [n, most, most, most, 1e9, 'draining']),
    queues: Array.from({ length: MAX_POINT_QUEUES }, (_, n) => [name(n), 1e7, 1e7, 1e4, 1e7, 1e10, 1]),
    recycles: Array.from({ length: 16 }, (_, n) => [n, 'abandoned', 'm'.repeat(500)]),
  }
}

test('20 types with names of 100 characters, with all else as long as it gets, are an event of at most 4 KB', () => {
  const point = longest((n) => `${String(n).padStart(3, '0')}${'n'.repeat(94)}${String(n).padStart(3, '0')}`)
  const text = new PointFitter().fit(point)
  expect(bytes(text)).toBeLessThanOrEqual(MAX_EVENT_BYTES)
  const fitted = JSON.parse(text) as LivePoint
  // The lists lose only their ends, and names stay apart.
  expect(fitted.types.length).toBeGreaterThan(10)
  expect(new Set(fitted.types.map(([name]) => name)).size).toBe(fitted.types.length)
  expect(fitted.types[0]?.[0]).toMatch(/^000n+…n+000$/)
  expect(fitted.slots).toEqual(point.slots.slice(0, fitted.slots.length))
  expect({ ...fitted, types: 0, slots: 0, queues: 0, recycles: 0 }).toEqual({
    ...point,
    types: 0,
    slots: 0,
    queues: 0,
    recycles: 0,
  })
})

test('20 types with names of 100 characters are all there when the rest is usual', () => {
  const point = longest((n) => `${'n'.repeat(97)}${String(n).padStart(3, '0')}`)
  const usual = { ...point, slots: point.slots.slice(0, 4), queues: point.queues.slice(0, 4), recycles: [] }
  const fitted = JSON.parse(new PointFitter().fit(usual)) as LivePoint
  expect(fitted.types.length).toBe(MAX_POINT_TYPES)
  expect(fitted.queues.length).toBe(4)
})

test('a small point stays as it is', () => {
  const point = { ...longest(() => 'a'), slots: [], queues: [], recycles: [] }
  expect(JSON.parse(new PointFitter().fit(point))).toEqual(point)
})

test('a name that was cut stays cut', () => {
  const fitter = new PointFitter()
  const name = 'n'.repeat(150)
  fitter.fit(longest(() => name))
  const point = { ...longest(() => name), types: [[name, 1, 1, 1, 0]] as LivePoint['types'], slots: [], queues: [] }
  expect((JSON.parse(fitter.fit(point)) as LivePoint).types[0]?.[0].length).toBe(24)
})

test('whatever characters names have, it fits', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 120 }), { minLength: 1, maxLength: 20 }), (names) => {
      const text = new PointFitter().fit(longest((n) => names[n % names.length] ?? ''))
      expect(bytes(text)).toBeLessThanOrEqual(MAX_EVENT_BYTES)
      JSON.parse(text)
    }),
    { numRuns: 50 },
  )
})
