import { describe, expect, it } from 'vitest'
import { CLI_TIMEOUT_MS, judge } from './run-cli.ts'

/** For what the entries alone are to tell: the weighing ends after 1,000 jobs. */
const ENTRIES = ['--time', '1ms'] as const

describe.concurrent('clean handlers are flat', { timeout: CLI_TIMEOUT_MS }, () => {
  it('a handler that does nothing, to a tenth of a byte, and where no growth is allowed at all', async () => {
    const { code, run } = await judge('noop.ts', '--budget', 'external=0,handles=0')
    expect(code, run.because).toBe(0)
    expect(run.verdict).toBe('flat')
    expect(Math.abs(run.measures.heap.slope ?? 1)).toBeLessThan(0.1)
    expect(run.measures).toMatchObject({
      external: { verdict: 'flat', budget: 0 },
      handles: { verdict: 'flat', budget: 0 },
    })
    expect(run.containers).toEqual([])
    expect(run.outcomes).toEqual({ done: 2_500, failed: 0 })
    expect(run.distinctData).toBe(2_500)
    expect(run.samples.length).toBeGreaterThan(50)
    expect(run.runtime).toEqual({ name: 'node', version: process.versions.node })
    expect(run.bleed, 'it is checked only when that is asked for').toBeUndefined()
  })
})

describe.concurrent('leaks are found and named', { timeout: CLI_TIMEOUT_MS }, () => {
  it('of several job types, the one that leaks', async () => {
    const { code, run } = await judge('mixed.ts')
    expect(code, run.because).toBe(1)
    expect(run.because).toMatch(/replayed alone, receipt\.send leaks$/)
    expect(run.jobTypes).toMatchObject([
      { name: 'email.send', verdict: 'flat' },
      { name: 'email.track', verdict: 'flat' },
      { name: 'receipt.send', verdict: 'leak', because: expect.stringContaining('Receipt') },
    ])
  })

  it('array buffers that no container holds', async () => {
    const { code, run } = await judge('array-buffers.ts')
    expect(code, run.because).toBe(1)
    expect(run.because).toContain('external memory grows by 64.00 B a job')
    expect(run.measures.external).toMatchObject({ slope: 64, verdict: 'grows' })
    expect(run.containers).toEqual([])
  })

  it('descriptors', async () => {
    const { code, run } = await judge('descriptors.ts')
    expect(code, run.because).toBe(1)
    expect(run.because).toContain('handles (open descriptors) grow by 0.0200 a job')
  })

  it('a handler that eats memory, before it has eaten all', async () => {
    const { code, run } = await judge('eats-memory.ts', ...ENTRIES)
    expect(code, run.because).toBe(1)
    expect(run.containers[0]).toMatchObject({ type: 'Array', perJob: 1, state: 'leaks' })
    expect(run.notes.join()).toContain('memory had grown by 256 MB')
  })
})
