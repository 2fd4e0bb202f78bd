import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import type { RunReport } from '../../leak-harness/src/result.ts'
import { runHarness } from '../../leak-harness/src/run-harness.ts'
import { createDatabase } from './database.ts'
import { RUNTIMES, type RuntimeName, toRuntimeCommand } from './runtimes.ts'

const JOBS = 10_000

/** Of 10,000 jobs at most: without a compiler, the embedded engine takes some 10 ms for each. */
const TIME_MS = 900_000

/** Bytes of the heap that a job may leave behind, by the lower end of what is likely. JavaScriptCore's own moves by more. */
const LIMIT_BYTES: Readonly<Record<RuntimeName, number>> = { node: 0.1, deno: 0.1, bun: 0.5 }

/** What `serve` makes: with the app in the process itself, or in isolates. */
const MODULES = { worker: './fixtures/flat-worker.ts', supervisor: './fixtures/flat-supervisor.ts' } as const

/** Judges what `serve` makes of one of the modules, on this engine. */
async function judge(
  what: keyof typeof MODULES,
  runtime: RuntimeName,
  engine: 'postgres' | 'embedded',
  { jobs, warmup, leaks = false }: { readonly jobs: number; readonly warmup: number; readonly leaks?: boolean },
): Promise<RunReport> {
  await using database = await createDatabase()
  const { runs, failed } = await runHarness({
    module: fileURLToPath(new URL(MODULES[what], import.meta.url)),
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    timeMs: TIME_MS,
    jobs,
    warmup,
    runtimes: [runtime],
    env: {
      FLAT_URL: engine === 'postgres' ? database.url : '',
      FLAT_FLAGS: JSON.stringify(toRuntimeCommand(runtime).isolateFlags),
      FLAT_LEAKS: leaks ? '1' : '0',
    },
  })
  expect(failed).toEqual([])
  const [run] = runs
  expect(run?.runtime.name).toBe(runtime)
  return run as RunReport
}

describe.each(RUNTIMES)('10,000 jobs in %s leave nothing behind', (runtime) => {
  test.each([
    ['worker', 'postgres'],
    ['worker', 'embedded'],
    ['supervisor', 'postgres'],
  ] as const)('in a %s on %s', async (what, engine) => {
    const run = await judge(what, runtime, engine, { jobs: JOBS, warmup: 2_000 })
    const { slope, low, high, verdict } = run.measures.heap
    recordFigure(
      `Heap a job, ${JOBS.toLocaleString('en')} jobs in a ${what} on ${engine} in ${runtime}, exact mode`,
      `${slope?.toFixed(3)} B (95 % interval ${low?.toFixed(3)} to ${high?.toFixed(3)}), ${verdict}`,
    )
    expect(run.verdict, run.because).toBe('flat')
    expect(run.outcomes).toMatchObject({ failed: 0 })
    // What the heap does by chance, in isolates that start and end, is more than the limit; what it surely does is not.
    expect(low).toBeLessThan(LIMIT_BYTES[runtime])
  })

  test.each(['worker', 'supervisor'] as const)('and one object that a %s keeps of each is seen', async (what) => {
    const run = await judge(what, runtime, 'postgres', { jobs: 2_000, warmup: 500, leaks: true })
    expect(run.verdict, run.because).toBe('leak')
    expect(run.because).toContain('variable kept')
  })
})
