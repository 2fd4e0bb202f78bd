import { fileURLToPath } from 'node:url'
import { runHarness } from '@isobar/leak-harness'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { sendEmail } from './jobs.ts'
import { PLUGINS } from './leak-each.ts'

test.each(['node', 'workerd', 'deno', 'bun'])('10,000 jobs of the demo in %s leave nothing behind', async (runtime) => {
  const module = fileURLToPath(new URL('./leak.ts', import.meta.url))
  const report = await runHarness({ module, runtimes: [runtime], timeMs: 240_000 })
  expect(report.failed).toEqual([])
  const [run] = report.runs
  expect(run).toMatchObject({ verdict: 'flat', jobs: 10_000 })
  for (const [name, measure] of Object.entries(run?.measures ?? {})) {
    if (measure.verdict === 'unread') continue
    const { slope, low, high, mde } = measure
    const figure = [slope, low, high, mde].map((value) => value?.toFixed(2) ?? 'none')
    recordFigure(
      `The demo's 10,000 jobs on ${runtime}, exact mode: ${name} a job`,
      `${figure[0]} (95 %: ${figure[1]} … ${figure[2]}; would see ${figure[3]})`,
    )
  }
})

test('each plugin is flat over 2,000 jobs', async () => {
  const module = fileURLToPath(new URL('./leak-each.ts', import.meta.url))
  const { runs, failed } = await runHarness({ module, jobs: PLUGINS * 2_000, warmup: 1_200, timeMs: 240_000 })
  expect(failed).toEqual([])
  expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
  for (const { name, done } of runs[0]?.jobTypes ?? []) expect(done, name).toBeGreaterThanOrEqual(2_000)
})

test('with the leak switched on the harness catches it, and names the job type', async () => {
  const module = fileURLToPath(new URL('./leak-on.ts', import.meta.url))
  const { runs, failed } = await runHarness({ module, runtimes: ['node'], jobs: 1_000, warmup: 200, timeMs: 120_000 })
  expect(failed).toEqual([])
  expect(runs[0]).toMatchObject({ verdict: 'leak', because: expect.stringContaining('plugins/leaky.ts') })
  const leaking = runs[0]?.jobTypes.filter(({ verdict }) => verdict === 'leak').map(({ name }) => name)
  expect(leaking).toEqual([sendEmail.name])
})
