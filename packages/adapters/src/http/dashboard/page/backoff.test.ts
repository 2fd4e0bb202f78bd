import { expect, it } from 'vitest'
import { backoff, FIRST_WAIT_MS, MAX_WAIT_MS } from './backoff.ts'

it('doubles, up to a longest wait, and leaves half of it to chance', () => {
  expect([0, 1, 2, 3].map((tries) => backoff(tries, 1))).toEqual([1, 2, 4, 8].map((times) => times * FIRST_WAIT_MS))
  expect(backoff(0, 0)).toBe(FIRST_WAIT_MS / 2)
  expect(backoff(1_000_000, 1)).toBe(MAX_WAIT_MS)
  expect(backoff(1_000_000, 0)).toBe(MAX_WAIT_MS / 2)
})
