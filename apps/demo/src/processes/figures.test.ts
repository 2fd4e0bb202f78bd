import { expect, test } from 'vitest'
import { compareEnds, Durations, median, slopeOf } from './figures.ts'

test('the median is the middle value', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, 0])
})

test('the first and the last durations are compared, however many there were between', () => {
  const durations = new Durations(3)
  for (const ms of [1, 2, 3, 50, 60, 70, 80, 7, 8, 9]) durations.add(ms)
  expect(durations.medians()).toEqual({ jobs: 3, firstMs: 2, lastMs: 8 })
})

test('a short run is cut in halves', () => {
  const durations = new Durations(1_000)
  for (const ms of [1, 2, 10, 20]) durations.add(ms)
  expect(durations.medians()).toEqual({ jobs: 2, firstMs: 1.5, lastMs: 15 })
})

test('memory at both ends is that of the readings among these jobs', () => {
  const durations = new Durations(100)
  for (let job = 0; job < 1_000; job++) durations.add(1)
  const points = Array.from({ length: 21 }, (_, at) => ({ jobs: at * 50, bytes: at * 50 < 500 ? 10 : 30 }))
  expect(compareEnds(durations, points)).toEqual({
    first: { jobs: 100, medianMs: 1, bytes: 10 },
    last: { jobs: 100, medianMs: 1, bytes: 30 },
  })
})

test('the slope is that of the second half, outliers left aside', () => {
  const points = Array.from({ length: 80 }, (_, at) => ({
    jobs: at * 100,
    bytes: at < 40 ? at * 1e6 : 40e6 + at * 300,
  }))
  expect(slopeOf(points)).toBe(3)
  points[60] = { jobs: 6_000, bytes: 90e6 }
  expect(slopeOf(points)).toBeCloseTo(3, 1)
})

test('no slope of the warm-up, nor of a few readings', () => {
  const points = Array.from({ length: 40 }, (_, at) => ({ jobs: at * 50, bytes: at }))
  expect(slopeOf(points)).toBeUndefined()
  expect(slopeOf([{ jobs: 9_000, bytes: 1 }])).toBeUndefined()
})
