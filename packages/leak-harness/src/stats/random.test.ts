import { expect, it } from 'vitest'
import { createRandom } from './random.ts'

it('repeats itself for a seed, differs between seeds, and is spread evenly', () => {
  const take = (seed: number): number[] => {
    const random = createRandom(seed)
    return Array.from({ length: 10_000 }, random)
  }
  expect(take(7)).toEqual(take(7))
  expect(take(7)).not.toEqual(take(8))
  const tenths = new Array<number>(10).fill(0)
  for (const value of take(1)) tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
