/**
 * `pnpm test [GROUP…]` and `pnpm test:full`: every check of the repository, in groups that can run alone. Ends with a
 * line such as `412 passed, 0 failed`, and with exit code 1 when anything failed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackages } from './check-packages.ts'
import { writeFigures } from './figures.ts'
import { run } from './run.ts'

/** What a group found. */
interface Result {
  readonly passed: number
  readonly failed: number
}

const scratch = mkdtempSync(join(tmpdir(), 'isobar-test-'))

/** A command that passes or fails as one check. */
async function command(...args: readonly [string, ...string[]]): Promise<Result> {
  const code = await run(args)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/** Projects of a configuration of Vitest, their tests counted one by one. */
async function tests(
  projects: readonly string[],
  { env = {}, config = 'vitest.config.ts' }: { env?: Readonly<Record<string, string>>; config?: string } = {},
): Promise<Result> {
  const outputFile = join(scratch, `${projects.join('-')}.json`)
  const code = await run(
    [
      'vitest',
      'run',
      '--config',
      config,
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter',
      'default',
      '--reporter',
      'json',
      '--outputFile.json',
      outputFile,
    ],
    env,
  )
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(outputFile, 'utf8'))
  // A file that cannot be loaded, or an error outside a test, fails the run without failing a test.
  const failed = Math.max(numFailedTests, numFailedTestSuites > 0 || code !== 0 ? 1 : 0)
  return { passed: numPassedTests, failed }
}

const groups: Readonly<Record<string, () => Promise<Result>>> = {
  lint: () => command('biome', 'check', '--error-on-warnings', '.'),
  types: () => command('tsc', '-b'),
  unused: () => command('knip', '--no-progress'),
  packages: () => checkPackages(scratch),
  unit: () => tests(['unit', 'pure']),
  workerd: () => tests(['workerd'], { config: 'packages/core/vitest.workerd.config.ts' }),
}

/** What takes longer than a test command may. Its figures go into the docs. */
const long: typeof groups = {
  long: async () => {
    const figures = join(scratch, 'figures.jsonl')
    const result = await tests(['long'], { env: { ISOBAR_FIGURES: figures } })
    if (result.failed === 0) writeFigures(figures)
    return result
  },
}

const full = process.argv.includes('--full')
const all = full ? { ...groups, ...long } : groups
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = asked.filter((name) => !(name in { ...groups, ...long }))
if (unknown.length > 0) {
  console.error(`no group ${unknown.join(', ')}; there are ${Object.keys({ ...groups, ...long }).join(', ')}`)
  process.exit(2)
}

const total = { passed: 0, failed: 0 }
try {
  for (const [name, check] of Object.entries(asked.length > 0 ? { ...groups, ...long } : all)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    const started = performance.now()
    const { passed, failed } = await check()
    total.passed += passed
    total.failed += failed
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    console.log(`${failed === 0 ? 'ok  ' : 'FAIL'} ${name}: ${passed} passed, ${failed} failed, ${seconds} s`)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)
