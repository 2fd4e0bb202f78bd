import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PNPM } from './packed/pack.ts'
import { runQuietly } from './packed/run-quietly.ts'

const WORKFLOWS = new URL('../.github/workflows/', import.meta.url)

test.each(readdirSync(WORKFLOWS))('%s is a workflow, with the package manager of the workspace', async (name) => {
  const path = fileURLToPath(new URL(name, WORKFLOWS))
  // Bun has a parser of YAML.
  const script = `console.log(JSON.stringify(Bun.YAML.parse(await Bun.file(${JSON.stringify(path)}).text())))`
  const workflow = JSON.parse(await runQuietly(['bun', '-e', script], { cwd: fileURLToPath(WORKFLOWS) }))
  expect(workflow).toMatchObject({ name: expect.any(String), on: expect.any(Object), permissions: expect.any(Object) })
  for (const job of Object.values<Job>(workflow.jobs)) {
    expect(job).toMatchObject({ 'runs-on': expect.any(String), 'timeout-minutes': expect.any(Number) })
    for (const step of job.steps) expect(step.run ?? step.uses, JSON.stringify(step)).toBeTypeOf('string')
  }
  for (const [version] of readFileSync(path, 'utf8').matchAll(/pnpm@[\d.]+/g)) expect(version).toBe(PNPM)
})

interface Job {
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[]
}
