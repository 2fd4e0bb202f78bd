import { expect, onTestFinished, test } from 'vitest'
import { watchByCanary } from './canary.ts'

/** Makes garbage that lives for a while, until something is so. */
async function churn(until: () => boolean): Promise<void> {
  let kept: object[] = []
  while (!until()) {
    for (let n = 0; n < 20_000; n++) kept.push({ n })
    if (kept.length > 1_000_000) kept = []
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('a full collection that the engine makes by itself is noticed, again and again, until nobody watches', async () => {
  let noticed = 0
  const stop = watchByCanary(() => noticed++)
  onTestFinished(stop)
  await churn(() => noticed >= 2)
  stop()
  const before = noticed
  const other = { noticed: 0 }
  onTestFinished(watchByCanary(() => other.noticed++))
  await churn(() => other.noticed >= 1)
  expect(noticed).toBe(before)
})
