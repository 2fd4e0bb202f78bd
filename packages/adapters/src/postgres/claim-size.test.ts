import { expect, it } from 'vitest'
import { ClaimSize, MAX_CLAIM } from './claim-size.ts'

const rows = (count: number, chars: number): unknown[][] =>
  Array.from({ length: count }, () => [...Array(12).fill(null), 'x'.repeat(chars)])

it('begins with a hundred, and claims as many as there may be once jobs are known to be small', () => {
  const size = new ClaimSize()
  expect(size.most).toBe(100)
  size.add([])
  expect(size.most).toBe(100)
  size.add(rows(100, 1_000))
  expect(size.most).toBe(MAX_CLAIM)
})

it('claims fewer of large jobs at once, and more again by and by', () => {
  const size = new ClaimSize()
  size.add(rows(10, 10))
  size.add(rows(2, 1_000_000))
  expect(size.most).toBe(32)
  const grown = Array.from({ length: 20 }, () => {
    size.add(rows(10, 10))
    return size.most
  })
  expect(grown).toEqual([...grown].sort((a, b) => a - b))
  expect(grown[0]).toBe(39)
  expect(grown.at(-1)).toBe(MAX_CLAIM)
})

it('always claims one, however large', () => {
  const size = new ClaimSize()
  size.add(rows(1, 40_000_000))
  expect(size.most).toBe(1)
})
