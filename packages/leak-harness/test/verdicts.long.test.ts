import { describe, expect, it } from 'vitest'
import { CLI_TIMEOUT_MS, judge } from './run-cli.ts'

/** For what the entries alone are to tell: the weighing ends after 1,000 jobs. */
const ENTRIES = ['--time', '1ms'] as const

describe.concurrent('clean handlers are flat', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a bounded cache that fills, and says where it stands', async () => {
    const { code, run } = await judge('lru.ts')
    expect(code, run.because).toBe(0)
    expect(run.containers.every((container) => container.state === 'ended')).toBe(true)
  })

  it('failures that are expected', async () => {
    const { code, run } = await judge('expected-failures.ts')
    expect(code, run.because).toBe(0)
    expect(run.outcomes).toEqual({ done: 0, failed: 2_500, firstError: 'Error: the mailbox is full' })
  })

  it('a flood of output', async () => {
    const { code, run, stdout } = await judge('floods.ts')
    expect(code, run.because).toBe(0)
    expect(stdout).not.toContain('xxxxxxxxxx')
  })

  it('eight jobs at once', async () => {
    const { code, run } = await judge('noop.ts', '--concurrency', '8')
    expect(code, run.because).toBe(0)
    expect(run.concurrency).toBe(8)
  })
})

describe.concurrent('leaks are found and named', { timeout: CLI_TIMEOUT_MS }, () => {
  it('one entry in 1,000 jobs', async () => {
    const { code, run } = await judge('rare.ts', '--jobs', '10000', ...ENTRIES)
    expect(code, run.because).toBe(1)
    expect(run.containers[0]).toMatchObject({ type: 'Set', state: 'leaks' })
    expect(run.containers[0]?.perJob).toBeCloseTo(0.001, 4)
  })

  it('a number kept a job, from an array', async () => {
    const { code, run } = await judge('numbers.ts', ...ENTRIES)
    expect(code).toBe(1)
    expect(run.because).toMatch(
      /^an Array, at fixtures\/numbers\.ts → variable kept: Array, gained 1\.000 entries a job over 3 cohorts \(500 to 3,500\)/,
    )
    expect(run.containers[0]).toMatchObject({ type: 'Array', state: 'leaks', perJob: 1 })
    expect(run.containers[0]?.entries).toEqual([500, 1_500, 2_500, 2_730, 3_110, 3_500])
    expect(run.containers[0]?.jobs).toEqual([500, 1_500, 2_500, 2_730, 3_110, 3_500])
  })

  it('an entry a job in a table that was large from the start', async () => {
    const { code, run } = await judge('preloaded-map.ts', ...ENTRIES)
    expect(code, run.because).toBe(1)
    expect(run.containers[0]).toMatchObject({ type: 'Map', state: 'leaks', perJob: 1 })
    expect(run.containers[0]?.entries[0]).toBe(50_500)
  })

  it('a table of buckets that each gain little', async () => {
    const { code, run } = await judge('buckets.ts', ...ENTRIES)
    expect(code, run.because).toBe(1)
    expect(run.because).toContain(
      '500 objects of class Array together, at fixtures/buckets.ts → variable buckets: Array → [] Array, gained 1.000 entries a job',
    )
  })

  it('a chain of objects that no container holds', async () => {
    const { code, run } = await judge('objects.ts', ...ENTRIES)
    expect(code, run.because).toBe(1)
    expect(run.containers).toEqual([])
    const [group] = run.cohort.groups
    expect(group).toMatchObject({ constructor: 'Object', count: 1_000, perJob: 1, state: 'leaks' })
    expect(group?.path.join(' → ')).toMatch(/variable last: Object → \.before: Object/)
  })
})

describe.concurrent('what cannot be told is undecided', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a batch that happens to stand higher after each cohort is no leak', async () => {
    const { run } = await judge('batch.ts', ...ENTRIES)
    expect(run.verdict, run.because).not.toBe('leak')
    expect(run.containers).toMatchObject([{ type: 'Array', state: 'ended' }])
  })

  it('a cache that clears itself when idle is no leak', async () => {
    const { run } = await judge('idle-clears.ts', ...ENTRIES)
    expect(run.verdict, run.because).not.toBe('leak')
    expect(run.containers).toMatchObject([{ type: 'Map', state: 'ended' }])
  })
})

describe('of several job types, the one that leaks is named', { timeout: CLI_TIMEOUT_MS }, () => {
  it('in workerd, eight jobs at once', async () => {
    const { run } = await judge('mixed.ts', '--runtime', 'workerd', '--concurrency', '8', ...ENTRIES)
    expect(run.because).toMatch(/replayed alone, receipt\.send leaks$/)
  })
})
