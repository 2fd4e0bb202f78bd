import { fileURLToPath } from 'node:url'
import { runHarness } from '@isobar/leak-harness'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'

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
