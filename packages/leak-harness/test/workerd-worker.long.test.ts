import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runHarness } from '@isobar/leak-harness'
import { describe, expect, it, type TestContext } from 'vitest'
import type { HarnessReport } from '../src/result.ts'
import type { HarnessOptions } from '../src/run-harness.ts'
import { CLI_TIMEOUT_MS, fixture, inTurn } from './run-cli.ts'

const CONFIG = fixture('workerd/mailer/wrangler.jsonc')

/** One object for all runs, so that wrangler bundles the Worker once. */
const EMAILS = { config: CONFIG, queue: 'emails' } as const

/** Writes a trace of e-mails of one subject, which says what the Worker does with them; it ends with its test. */
async function writeTrace({ onTestFinished }: TestContext, subject: string, lines: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-trace-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'jobs.jsonl')
  const texts = Array.from({ length: lines }, (_, i) =>
    JSON.stringify({ body: { to: `user-${i}@example.com`, subject } }),
  )
  await writeFile(file, texts.join('\n'))
  return file
}

/** Judges the Worker with e-mails of a subject, in a short run. */
function judge(test: TestContext, subject: string, options: Partial<HarnessOptions> = {}): Promise<HarnessReport> {
  return inTurn(async () => {
    const trace = await writeTrace(test, subject, 2_500)
    return runHarness({ module: CONFIG, worker: EMAILS, trace, jobs: 500, warmup: 100, ...options })
  })
}

describe.concurrent('a Cloudflare Worker as it stands', { timeout: CLI_TIMEOUT_MS }, () => {
  it('is flat when it is clean, and its folder is left as it was', async (test) => {
    const { runs, failed } = await judge(test, 'hello')
    expect(failed).toEqual([])
    const [run] = runs
    expect(run?.verdict, run?.because).toBe('flat')
    expect(run?.measures).toMatchObject({
      heap: { verdict: 'flat' },
      external: { verdict: 'flat' },
      rss: { verdict: 'unread' },
    })
    expect(run?.jobTypes).toMatchObject([{ name: 'emails', done: 600, failed: 0 }])
    expect(run?.runtime.name).toBe('workerd')
    expect(run?.notes.join()).toContain('requests to the network were blocked')
    expect(existsSync(fixture('workerd/mailer/.wrangler'))).toBe(false)
  })

  it('leaks when it keeps every message, by the name of what it keeps', async (test) => {
    const { runs } = await judge(test, 'leak', { timeMs: 1 })
    const [run] = runs
    expect(run?.verdict, run?.because).toBe('leak')
    expect(run?.cohort.groups[0]).toMatchObject({
      constructor: 'Delivery',
      perJob: 1,
      path: ['src/index.ts', 'variable sent: Map', 'Delivery'],
    })
    expect(run?.containers[0]).toMatchObject({ type: 'Map', owner: 'src/index.ts → variable sent: Map', perJob: 1 })
  })

  it('finds its database as its migrations make it', async (test) => {
    const { runs, failed } = await judge(test, 'record', { jobs: 200, warmup: 50 })
    expect(failed).toEqual([])
    expect(runs[0]?.outcomes).toEqual({ done: 250, failed: 0 })
  })
})

describe.concurrent('a run of a Worker that fails says why', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a handler that always throws', async (test) => {
    const { failed } = await judge(test, 'hello', { worker: { config: CONFIG, queue: 'bounces' } })
    expect(failed[0]).toMatchObject({
      code: 'HARNESS_JOBS_FAILED',
      error: expect.stringContaining('the first with "Error: nobody reads the bounces yet"'),
    })
  })

  it('a handler that never ends', async (test) => {
    const { failed } = await judge(test, 'loop', { stallMs: 2_000 })
    expect(failed[0]?.code).toBe('HARNESS_STALLED')
  })

  it('a handler that asks the network, which is blocked', async (test) => {
    const { failed } = await judge(test, 'network')
    expect(failed[0]).toMatchObject({
      code: 'HARNESS_JOBS_FAILED',
      error: expect.stringContaining('blocks requests to the network, here to mail.example'),
    })
  })

  it('a queue that it does not consume, or none where there are several', async (test) => {
    const { failed } = await judge(test, 'hello', { worker: { config: CONFIG, queue: 'mails' } })
    expect(failed[0]).toMatchObject({
      code: 'HARNESS_USAGE',
      error: expect.stringMatching(/consumes no queue "mails"; give --queue, one of emails, bounces$/),
    })
    const several = await judge(test, 'hello', { worker: { config: CONFIG } })
    expect(several.failed[0]?.error).toMatch(/consumes several queues; give --queue, one of emails, bounces$/)
  })

  it('a script that wrangler cannot bundle', async (test) => {
    const { failed } = await judge(test, 'hello', { worker: { config: fixture('workerd/no-script/wrangler.jsonc') } })
    expect(failed[0]).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringMatching(/^wrangler cannot bundle the Worker of .*not-there\.ts/s),
    })
  })

  it('no trace, no configuration, or another runtime', async (test) => {
    const { failed } = await runHarness({ module: CONFIG, worker: EMAILS })
    expect(failed[0]).toMatchObject({ code: 'HARNESS_NO_JOBS', error: expect.stringContaining('--trace') })
    const missing = await judge(test, 'hello', { worker: { config: fixture('wrangler.jsonc') } })
    expect(missing.failed[0]).toMatchObject({
      code: 'HARNESS_LOAD',
      error: expect.stringMatching(/^there is no .*wrangler\.jsonc/),
    })
    await expect(judge(test, 'hello', { runtimes: ['node'] })).rejects.toMatchObject({ code: 'HARNESS_USAGE' })
  })
})
