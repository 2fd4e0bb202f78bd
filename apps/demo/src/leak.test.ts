import { expect, test } from 'vitest'
import app, { makeJob } from './leak.ts'

const JOBS = 400

test('jobs are well-formed and all different, and the app does every one', async () => {
  const seen = new Set<string>()
  try {
    for (let index = 0; index < JOBS; index++) {
      const { name, data } = makeJob(index)
      const text = JSON.stringify(data)
      seen.add(text)
      const job = {
        id: `leak-${index}`,
        name,
        queue: 'any',
        priority: 'normal',
        attempt: 1,
        crashes: 0,
        enqueuedAt: 0,
        dueAt: 0,
        payload: { text },
      } as const
      expect(await app.run({ job, token: undefined, leaseUntil: Number.POSITIVE_INFINITY })).toMatchObject({
        kind: 'ack',
      })
    }
  } finally {
    await app.dispose()
  }
  expect(seen.size).toBe(JOBS)
})
