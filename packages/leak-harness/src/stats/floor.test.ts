import { expect, it } from 'vitest'
import { toFloor } from './floor.ts'

it('takes the lowest of each three, at their middle, and drops a group that is not full', () => {
  const points = [5, 3, 9, 4, 4, 8, 1].map((y, x) => ({ x, y }))
  expect(toFloor(points)).toEqual([
    { x: 1, y: 3 },
    { x: 4, y: 4 },
  ])
  expect(toFloor([])).toEqual([])
})
