import { describe, expect, it } from 'vitest'
import {
  countEnds,
  LEAST_BYTES_PER_JOB,
  leakEnds,
  limitShown,
  memoryEnds,
  reachOf,
  tells,
  timeEnds,
  WIDEST_BYTES,
} from './scales.ts'

describe('bytes per job', () => {
  it('shows what is flat as flat: a few bytes do not fill the picture', () => {
    const [low, high] = leakEnds(-3, 5, 0, 0)
    expect(high).toBeGreaterThanOrEqual(LEAST_BYTES_PER_JOB)
    expect(low).toBeGreaterThan(-LEAST_BYTES_PER_JOB)
  })

  it('has room for zero, the highest estimate and its interval', () => {
    const [low, high] = leakEnds(10_000, 48_000, -500, 52_000)
    expect(low).toBeLessThanOrEqual(-500)
    expect(high).toBeGreaterThan(52_000)
  })

  it('cuts intervals that would press the estimates flat', () => {
    expect(leakEnds(0, 48_000, -9e9, 9e9)[1]).toBeLessThan(48_000 * 3)
    expect(leakEnds(0, 48_000, -9e9, 9e9)[0]).toBeGreaterThan(-48_000 * 3)
  })

  it('reaches for what is surely something, and not for what may as well be nothing', () => {
    expect(reachOf(48_000, 46_000, 50_000, 600)).toBe(48_000)
    expect(reachOf(-48_000, -50_000, -46_000, 600)).toBe(-48_000)
    expect(reachOf(-61e6, -530e6, 410e6, 600)).toBe(-600)
    expect(reachOf(61e6, null, null, 600)).toBe(600)
    expect(reachOf(100, -300, 500, 600)).toBe(100)
    // Not zero at 95 %, which one in twenty is by chance.
    expect(reachOf(5e6, 1e6, 9e6, 600)).toBe(600)
  })

  it('says nothing of a type whose interval is unknown or absurdly wide, but of a sure leak, however wide', () => {
    expect(tells(0, null, null)).toBe(false)
    expect(tells(null, null, null)).toBe(false)
    expect(tells(12, -300, 320)).toBe(true)
    expect(tells(0, -WIDEST_BYTES / 2, WIDEST_BYTES / 2)).toBe(true)
    expect(tells(420e3, -1e6, 1.84e6)).toBe(false)
    expect(tells(5e6, 4e6, 6e6)).toBe(true)
    expect(tells(-5e6, -6e6, -4e6)).toBe(true)
  })

  it('has an axis also where nothing is known of any', () => {
    expect(leakEnds(0, 0, 0, 0)).toEqual([0, countEnds(0, LEAST_BYTES_PER_JOB)[1]])
  })

  it('shows estimates below zero', () => {
    expect(leakEnds(-20_000, 100, 0, 0)[0]).toBeLessThanOrEqual(-20_000)
  })
})

describe('memory', () => {
  it('goes up to the limit where that is near', () => {
    expect(limitShown(60e6, 256e6)).toBe(true)
    expect(memoryEnds(60e6, 256e6)[1]).toBeGreaterThan(256e6)
  })

  it('goes up to the figures where the limit is far away, or none', () => {
    expect(limitShown(60e6, 24e9)).toBe(false)
    expect(memoryEnds(60e6, 24e9)[1]).toBeLessThan(70e6)
    expect(memoryEnds(60e6, null)[1]).toBeLessThan(70e6)
  })

  it('has figures above the limit in it', () => {
    expect(memoryEnds(300e6, 256e6)[1]).toBeGreaterThan(300e6)
  })
})

it('counts from zero, up to some at least', () => {
  expect(countEnds(0, 5)[0]).toBe(0)
  expect(countEnds(0, 5)[1]).toBeGreaterThanOrEqual(5)
  expect(countEnds(80, 5)[1]).toBeGreaterThan(80)
})

it('shows the time that there is, between two minutes and the whole', () => {
  expect(timeEnds(1_000, 2_000, 900_000)).toEqual([-118_000, 2_000])
  expect(timeEnds(0, 300_000, 900_000)).toEqual([0, 300_000])
  expect(timeEnds(0, 2_000_000, 900_000)).toEqual([1_100_000, 2_000_000])
})
