import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import type { RunReport } from '../../leak-harness/src/result.ts'
import { type HarnessOptions, runHarness } from '../../leak-harness/src/run-harness.ts'
import { runFast } from '../../leak-harness/src/vitest/fast.ts'
import { createDatabase } from './database.ts'
import { RUNTIMES, type RuntimeName, toRuntimeCommand } from './runtimes.ts'

const JOBS = 10_000

/** Of 10,000 jobs at most. */
const TIME_MS = 900_000

/** Bytes of the heap that a job may leave behind, by the lower end of what is likely. JavaScriptCore's own moves by more. */
const LIMIT_BYTES: Readonly<Record<RuntimeName, number>> = { node: 0.1, deno: 0.1, bun: 0.5 }

/** What `serve` makes: with the app in the process itself, or in isolates. */
const MODULES = { worker: './fixtures/flat-worker.ts', supervisor: './fixtures/flat-supervisor.ts' } as const

/** What is to be judged. */
interface Subject {
  readonly what: keyof typeof MODULES
  readonly runtime: RuntimeName
  readonly engine: 'postgres' | 'embedded'
  readonly jobs: number
  readonly warmup: number
  readonly leaks?: boolean
}

/** Has what `serve` makes of one of the modules judged, on this engine. */
async function judge(
  { what, runtime, engine, jobs, warmup, leaks = false }: Subject,
  how: (options: HarnessOptions) => ReturnType<typeof runHarness>,
): Promise<RunReport> {
  await using database = await createDatabase()
  const { runs, failed } = await how({
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
  test.each(['worker', 'supervisor'] as const)('in a %s on postgres', async (what) => {
    const run = await judge({ what, runtime, engine: 'postgres', jobs: JOBS, warmup: 2_000 }, runHarness)
    const { slope, low, high, verdict } = run.measures.heap
    recordFigure(
      `Heap a job, ${JOBS.toLocaleString('en')} jobs in a ${what} on postgres in ${runtime}, exact mode`,
      `${slope?.toFixed(3)} B (95 % interval ${low?.toFixed(3)} to ${high?.toFixed(3)}), ${verdict}`,
    )
    expect(run.verdict, run.because).toBe('flat')
    expect(run.outcomes).toMatchObject({ failed: 0 })
    // What the heap does by chance, in isolates that start and end, is more than the limit; what it surely does is not.
    expect(low).toBeLessThan(LIMIT_BYTES[runtime])
  })

  // By what survives alone: without a compiler, which the exact figures of the heap ask for, the embedded engine takes
  // 10 ms a job in V8 and 400 in JavaScriptCore.
  test('in a worker on embedded', async () => {
    const subject = { what: 'worker', runtime, engine: 'embedded', jobs: JOBS, warmup: 2_000 } as const
    const run = await judge(subject, (options) => runFast(options, JOBS))
    expect(run.because).toMatch(/^nothing gathers in /)
    expect(run.outcomes).toMatchObject({ failed: 0 })
  })

  test.each(['worker', 'supervisor'] as const)('and one object that a %s keeps of each is seen', async (what) => {
    const run = await judge({ what, runtime, engine: 'postgres', jobs: 2_000, warmup: 500, leaks: true }, runHarness)
    expect(run.verdict, run.because).toBe('leak')
    expect(run.because).toContain('variable kept')
  })
})
