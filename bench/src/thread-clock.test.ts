import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { threadMs } from './thread-clock.ts'

test('work counts, to within the time it took', () => {
  const wall = performance.now()
  const before = threadMs()
  let x = 0
  while (threadMs() - before < 20) x += Math.sqrt(x + 1)
  expect(threadMs() - before).toBeGreaterThanOrEqual(20)
  expect(performance.now() - wall).toBeGreaterThanOrEqual(15)
})

test('waiting does not count', async () => {
  const before = threadMs()
  await setTimeout(200)
  expect(threadMs() - before).toBeLessThan(100)
})
