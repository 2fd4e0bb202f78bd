import { describe, expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { plannedBy, progressBar } from './progress-bar.ts'

const plain = createPaint(false)
const progress = {
  runtime: 'node',
  jobs: { exact: 6_000, jit: 3_000 },
  of: 12_000,
  samples: 7,
  slope: 0.04,
  idleMs: undefined,
}

describe('progressBar', () => {
  it('shows the jobs of those planned, slope and samples', () => {
    expect(progressBar(progress, 200, plain)).toBe(
      'node  ▕██████████          ▏ 50 %  6,000 of 12,000 jobs  heap 0.0400 B a job  7 samples  entries after 3,000',
    )
  })

  it('plans twice as many where a run is doubled', () => {
    const doubled = { ...progress, jobs: { exact: 18_000, jit: 3_000 } }
    expect(progressBar(doubled, 200, plain)).toContain('▕███████████████     ▏ 75 %  18,000 of 24,000 jobs')
    expect([0, 12_000, 12_001, 24_001].map((done) => plannedBy(done, 12_000))).toEqual([12_000, 12_000, 24_000, 48_000])
    expect(plannedBy(5, 0)).toBe(0)
  })

  it('leaves out what does not fit, in whole parts', () => {
    for (let width = 4; width < 120; width++)
      expect(progressBar(progress, width, plain).length).toBeLessThanOrEqual(width)
    expect(progressBar(progress, 60, plain)).toBe('node  ▕██████████          ▏ 50 %  6,000 of 12,000 jobs')
  })

  it('says what it waits for', () => {
    expect(progressBar({ ...progress, of: undefined }, 80, plain)).toBe('node  loads the module')
    expect(progressBar({ ...progress, bleed: 7 }, 80, plain)).toBe('node  bleed check, process 7')
    expect(progressBar({ ...progress, idleMs: 5_000 }, 120, plain)).toContain('idles 5 s to let caches clear')
  })

  it('has colours where it may', () => {
    expect(progressBar(progress, 200, createPaint(true))).toContain('\x1b[32m▕')
    expect(progressBar(progress, 200, plain)).not.toContain('\x1b')
  })
})
