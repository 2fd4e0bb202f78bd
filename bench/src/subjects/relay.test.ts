import { expect, test } from 'vitest'
import { createRelay } from './relay.ts'

test('it runs as many jobs as asked for, one after another', async () => {
  let settled = 0
  await using relay = createRelay(() => settled++)
  await relay.run(1)
  expect(settled).toBe(1)
  await relay.run(50)
  expect(settled).toBe(51)
})
