import { describe, expect, it } from 'vitest'
import { TimeRing } from './ring.ts'

const times = (ring: TimeRing): number[] => {
  const into: number[] = []
  ring.copyTimes(into)
  return into
}

const column = (ring: TimeRing, index: number): (number | null)[] => {
  const into: (number | null)[] = []
  ring.copy(index, into)
  return into
}

describe('TimeRing', () => {
  it('keeps the newest rows, the oldest first', () => {
    const ring = new TimeRing(2, 3)
    for (let second = 1; second <= 5; second++) {
      expect(ring.push(second * 1_000)).toBe(true)
      ring.set(0, second * 10)
    }
    expect(times(ring)).toEqual([3, 4, 5])
    expect(column(ring, 0)).toEqual([30, 40, 50])
    expect(column(ring, 1)).toEqual([null, null, null])
    expect([ring.count, ring.lastAt]).toEqual([3, 5_000])
  })

  it('leaves no figure of the row that a new one replaces', () => {
    const ring = new TimeRing(1, 2)
    ring.push(1_000)
    ring.set(0, 7)
    ring.push(2_000)
    ring.push(3_000)
    expect(column(ring, 0)).toEqual([null, null])
  })

  it('breaks curves where seconds are missing, and not where one came late', () => {
    const ring = new TimeRing(1, 10)
    for (const at of [1_000, 3_400, 9_000]) {
      ring.push(at)
      ring.set(0, at)
    }
    expect(times(ring)).toEqual([1, 3.4, 4.4, 9])
    expect(column(ring, 0)).toEqual([1_000, 3_400, null, 9_000])
  })

  it('refuses what is not newer', () => {
    const ring = new TimeRing(1, 10)
    ring.push(5_000)
    expect([ring.push(5_000), ring.push(4_000), ring.count]).toEqual([false, false, 1])
  })

  it('answers null outside, and for what is not there', () => {
    const ring = new TimeRing(1, 2)
    expect([ring.get(0, 0), ring.get(0, -1), ring.get(5, 0)]).toEqual([null, null, null])
    ring.push(1_000)
    ring.set(0, 0)
    expect([ring.get(0, 0), ring.get(0, 1)]).toEqual([0, null])
  })

  it('forgets a column, or all', () => {
    const ring = new TimeRing(2, 3)
    ring.push(1_000)
    ring.set(0, 1)
    ring.set(1, 2)
    ring.clearColumn(0)
    expect([ring.get(0, 0), ring.get(1, 0)]).toEqual([null, 2])
    ring.clear()
    expect([ring.count, ring.lastAt, ring.push(1)]).toEqual([0, 0, true])
  })

  it('writes into the same arrays each time', () => {
    const ring = new TimeRing(1, 4)
    const into: (number | null)[] = [9, 9, 9, 9, 9, 9]
    ring.push(1_000)
    ring.copy(0, into)
    expect(into).toEqual([null])
  })
})
