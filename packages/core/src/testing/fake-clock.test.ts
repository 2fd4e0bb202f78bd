import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createFakeClock, DEFAULT_FAKE_NOW } from './fake-clock.ts'

describe('createFakeClock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('stands still until advanced', async () => {
    const clock = createFakeClock()
    expect(clock.now()).toBe(DEFAULT_FAKE_NOW)
    expect(clock.monotonic()).toBe(0)
    await clock.advance(1_500)
    expect(clock.now()).toBe(DEFAULT_FAKE_NOW + 1_500)
    expect(clock.monotonic()).toBe(1_500)
    expect(createFakeClock({ now: 5 }).now()).toBe(5)
  })

  it('fires timers in order of time, then of setting, each at its own time', async () => {
    const clock = createFakeClock({ now: 0 })
    const fired: string[] = []
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['late', 41],
    ] as const) {
      clock.setTimeout(() => fired.push(`${name}@${clock.now()}`), ms)
    }
    await clock.advance(40)
    expect(fired).toEqual(['a@10', 'b1@20', 'b2@20', 'c@30'])
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(fired.at(-1)).toBe('late@41')
    expect(clock.pending).toBe(0)
  })

  it('fires timers that promise chains set meanwhile, within the same advance', async () => {
    const clock = createFakeClock({ now: 0 })
    const seen: number[] = []
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms))
    const loop = (async () => {
      for (let i = 0; i < 5; i++) {
        await sleep(10)
        for (let hop = 0; hop < 50; hop++) await Promise.resolve()
        seen.push(clock.now())
      }
    })()
    await clock.advance(50)
    expect(seen).toEqual([10, 20, 30, 40, 50])
    await loop
  })

  it('does not fire what was cleared, also by a timer that fires before it', async () => {
    const clock = createFakeClock()
    const fired: string[] = []
    const second = clock.setTimeout(() => fired.push('second'), 20)
    clock.setTimeout(() => clock.clearTimeout(second), 10)
    await clock.advance(100)
    expect(fired).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('queues concurrent advances', async () => {
    const clock = createFakeClock({ now: 0 })
    await Promise.all([clock.advance(10), clock.advance(20), clock.advance(5)])
    expect(clock.now()).toBe(35)
  })

  it('rejects with the error of a timer and goes on afterwards', async () => {
    const clock = createFakeClock({ now: 0 })
    clock.setTimeout(() => {
      throw new Error('boom')
    }, 10)
    await expect(clock.advance(50)).rejects.toThrow('boom')
    expect(clock.now()).toBe(10)
    await clock.advance(5)
    expect(clock.now()).toBe(15)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses to advance by %s', async (ms) => {
    await expect(createFakeClock().advance(ms)).rejects.toMatchObject({ code: 'OPTION' })
  })

  it('goes on when the test runner fakes the global timers', async () => {
    vi.useFakeTimers()
    const clock = createFakeClock({ now: 0 })
    await clock.advance(10)
    expect(clock.now()).toBe(10)
  })

  it('fires any set of timers sorted, none early, none left that is due', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { maxLength: 8 }), fc.nat(60), async (delays, ms) => {
        const clock = createFakeClock({ now: 0 })
        const fired: number[] = []
        for (const delay of delays) clock.setTimeout(() => fired.push(clock.now()), delay)
        await clock.advance(ms)
        const due = delays.filter((delay) => delay <= ms).sort((a, b) => a - b)
        expect(fired).toEqual(due)
        expect(clock.pending).toBe(delays.length - due.length)
      }),
      { numRuns: 50 },
    )
  })
})
