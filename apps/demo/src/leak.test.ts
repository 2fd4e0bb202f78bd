import { fileURLToPath } from 'node:url'
import { runHarness } from '@isobar/leak-harness'
import { expect, test } from 'vitest'
import app, { makeJob } from './leak.ts'
import { PLUGINS } from './leak-each.ts'

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

/** How often each plugin is run, to tell whether it is flat. */
const RUNS = 2_000

test('each plugin is flat over 2,000 jobs', { timeout: 400_000 }, async () => {
  const module = fileURLToPath(new URL('./leak-each.ts', import.meta.url))
  const { runs, failed } = await runHarness({ module, jobs: PLUGINS * RUNS, warmup: 1_200, timeMs: 120_000 })
  expect(failed).toEqual([])
  expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
  expect(runs[0]?.jobTypes.length).toBe(PLUGINS)
  for (const { name, done } of runs[0]?.jobTypes ?? []) expect(done, name).toBeGreaterThanOrEqual(RUNS)
})
