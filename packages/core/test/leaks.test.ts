import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

test('no way that a job can take through an app leaves anything behind, over 10,000 jobs', async () => {
  const args = [path('../../leak-harness/src/cli.ts'), 'run', path('fixtures/paths.ts'), '--reporter', 'json']
  // Exits with something else than 0, and so rejects, unless the verdict is flat.
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
  const [run] = JSON.parse(stdout).runs
  expect(run).toMatchObject({ verdict: 'flat', jobs: 10_000 })
  expect(run.measures.heap.slope).toBeLessThan(0.1)
}, 120_000)
