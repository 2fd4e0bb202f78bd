import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_PREFETCH, PREFETCH_MS, Prefetch } from './prefetch.ts'

const after = (...durations: number[]): Prefetch => {
  const prefetch = new Prefetch()
  for (const ms of durations) prefetch.add(ms)
  return prefetch
}

test('nothing is held ready before anything was measured, nor of long jobs', () => {
  expect(new Prefetch().size(10)).toBe(0)
  expect(after(PREFETCH_MS).size(10)).toBe(0)
})

test('200 ms of work for the slots there are', () => {
  expect(after(20, 20, 20).size(1)).toBe(10)
  expect(after(20, 20, 20).size(4)).toBe(40)
  expect(after(0).size(10)).toBe(MAX_PREFETCH)
})

test('never more than 200 ms of work, and never more than the bound', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.integer({ min: 1, max: 500 }), (ms, slots) => {
      const size = after(ms).size(slots)
      expect(size).toBeLessThanOrEqual(MAX_PREFETCH)
      expect((size * ms) / slots).toBeLessThanOrEqual(PREFETCH_MS + 1e-6)
    }),
  )
})

test('follows when jobs become long', () => {
  const prefetch = after(1)
  for (let n = 0; n < 20; n++) prefetch.add(1_000)
  expect(prefetch.size(10)).toBe(0)
})
