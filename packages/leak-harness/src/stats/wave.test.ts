import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Point } from './theil-sen.ts'
import { waveOf } from './wave.ts'

/** A batch of `period` jobs of `bytes` each, beside a leak, read every `every` jobs. */
const batch = (period: number, bytes: number, leak: number, every = 71): Point[] =>
  Array.from({ length: Math.ceil(48_000 / every) }, (_, at) => {
    const job = at * every
    return { x: job, y: 5e6 + (job % period) * bytes + leak * job }
  })

describe('waveOf', () => {
  it('sees what a batch comes back to', () => {
    const wave = waveOf(batch(3_700, 400, 0), 24_000, 48_000)
    expect(wave?.troughs).toBe(6)
    expect(Math.abs(wave?.growth as number)).toBeLessThan(4)
  })

  it('is none where nothing comes back, or not twice in each half', () => {
    expect(waveOf(batch(3_700, 0, 0), 24_000, 48_000)).toBeUndefined()
    expect(waveOf(batch(3_700, 0, 100), 24_000, 48_000)).toBeUndefined()
    expect(waveOf(batch(20_000, 400, 0), 24_000, 48_000)).toBeUndefined()
    expect(waveOf([], 0, 10)).toBeUndefined()
  })

  it('does not pass for flat what leaks beside it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 500, max: 4_000 }),
        fc.integer({ min: 50, max: 1_000 }),
        fc.integer({ min: 1, max: 200 }),
        (period, bytes, leak) => {
          const wave = waveOf(batch(period, bytes, leak), 24_000, 48_000)
          // The lowest trough of the first half to the highest of the second: no less than what leaks between them.
          if (wave) expect(wave.growth).toBeGreaterThan(leak * 0.95 - (71 * bytes) / 6_000)
        },
      ),
    )
  })
})
