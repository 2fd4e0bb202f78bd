import { describe, expect, it } from 'vitest'
import type { HarnessReport } from '../src/result.ts'
import { runHarness } from '../src/run-harness.ts'
import { toBullmqRun } from '../src/wrappers/bullmq-file.ts'
import { CLI_TIMEOUT_MS, fixture, inTurn } from './run-cli.ts'

const judge = (options: Parameters<typeof runHarness>[0]): Promise<HarnessReport> => inTurn(() => runHarness(options))
const bullmq = (file: string, options: { jobs?: number; timeMs?: number } = {}): Promise<HarnessReport> =>
  judge({ ...toBullmqRun(fixture(`bullmq/${file}`)), jobs: 500, timeMs: 2_000, ...options })

describe.concurrent('handlers of other queues, as they stand', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a BullMQ processor that is flat', async () => {
    const { runs, failed } = await bullmq('receipts.mjs', { jobs: 2_000, timeMs: 60_000 })
    expect(failed).toEqual([])
    expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
    expect(runs[0]?.outcomes.failed).toBe(0)
    expect(runs[0]?.distinctData).toBe(4_000)
  })

  it('a BullMQ processor that leaks, with its options', async () => {
    const { runs } = await bullmq('leaks.cjs')
    expect(runs[0]?.verdict).toBe('leak')
    expect(runs[0]?.warmup).toBe(100)
    const receipts = runs[0]?.cohort.groups.find((group) => group.constructor === 'Receipt')
    expect(receipts).toMatchObject({ state: 'leaks', perJob: 1 })
    expect(receipts?.path.join(' → ')).toContain('bullmq/leaks.cjs → variable sent: Map → Receipt')
  })

  it('a BullMQ processor that was compiled to CommonJS', async () => {
    const { runs, failed } = await bullmq('compiled.cjs', { jobs: 100 })
    expect(failed).toEqual([])
    expect(runs[0]?.outcomes.failed).toBe(0)
  })

  it('a BullMQ processor that needs Redis, which is said', async () => {
    const { failed } = await bullmq('removes.mjs')
    expect(failed[0]?.code).toBe('HARNESS_JOBS_FAILED')
    expect(failed[0]?.error).toContain('StandInError: job.remove() needs a queue in Redis')
  })

  it('a file without a processor, or that is not there', async () => {
    const none = await bullmq('no-processor.mjs')
    expect(none.failed[0]?.code).toBe('HARNESS_LOAD')
    expect(none.failed[0]?.error).toContain('no-processor.mjs has no BullMQ processor; export default')
    const missing = await bullmq('not-there.mjs')
    expect(missing.failed[0]?.error).toContain('bullmq/not-there.mjs')
  })

  it('a pg-boss handler that leaks', async () => {
    const { runs } = await judge({ module: fixture('pg-boss.ts'), jobs: 500, warmup: 100, timeMs: 1_000 })
    expect(runs[0]?.verdict, runs[0]?.because).toBe('leak')
    expect(runs[0]?.because).toContain('fixtures/pg-boss.ts → variable addresses: Array')
  })

  it('a graphile-worker task that is flat', async () => {
    const { runs } = await judge({ module: fixture('graphile-worker.ts'), jobs: 2_000, warmup: 500 })
    expect(runs[0]?.verdict, runs[0]?.because).toBe('flat')
  })
})
