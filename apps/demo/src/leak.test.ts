import { fileURLToPath } from 'node:url'
import { runHarness } from '@isobar/leak-harness'
import { expect, test } from 'vitest'
import { aggregateDay, importContacts, warmUpAccount } from './jobs.ts'
import app, { makeJob } from './leak.ts'
import { PLUGINS } from './leak-each.ts'

const JOBS = 400

/** Their data name days, files and accounts of which there are few. */
const ALIKE: ReadonlySet<string> = new Set([aggregateDay, importContacts, warmUpAccount].map(({ name }) => name))

test('jobs are well-formed and all different, and the app does every one', async () => {
  const seen = new Set<string>()
  let different = 0
  try {
    for (let index = 0; index < JOBS; index++) {
      const { name, data } = makeJob(index)
      const text = JSON.stringify(data)
      if (!ALIKE.has(name)) {
        seen.add(text)
        different++
      }
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
  expect(seen.size).toBe(different)
  expect(different).toBeGreaterThan(JOBS * 0.9)
})

/** How often each plugin is run, to tell whether it is flat; more often in `leak.long.test.ts`. */
const RUNS = 750

test('each plugin is flat over 750 jobs', { timeout: 400_000 }, async () => {
  const module = fileURLToPath(new URL('./leak-each.ts', import.meta.url))
  const { runs, failed } = await runHarness({ module, jobs: PLUGINS * RUNS, warmup: 1_200, timeMs: 120_000 })
  expect(failed).toEqual([])
  expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
  expect(runs[0]?.jobTypes.length).toBe(PLUGINS)
  for (const { name, done } of runs[0]?.jobTypes ?? []) expect(done, name).toBeGreaterThanOrEqual(RUNS)
})
