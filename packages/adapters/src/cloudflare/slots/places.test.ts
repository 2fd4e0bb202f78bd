import { expect, test } from 'vitest'
import { Places } from './places.ts'

test('no more are out than there are, and who waits comes in turn', async () => {
  const places = new Places(2)
  await places.take()
  expect(places.tryTake()).toBe(true)
  expect(places.tryTake()).toBe(false)
  const order: number[] = []
  const waiting = [1, 2].map(async (one) => {
    await places.take()
    order.push(one)
  })
  places.give()
  await waiting[0]
  expect(order).toEqual([1])
  expect(places.tryTake()).toBe(false)
  places.give()
  await waiting[1]
  places.give()
  expect(places.tryTake()).toBe(true)
})
