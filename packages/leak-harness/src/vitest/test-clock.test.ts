import { expect, it, vi } from 'vitest'
import { MARGIN_MS, TestClock } from './test-clock.ts'

it('is up a little before the test is', () => {
  vi.useFakeTimers()
  try {
    const clock = new TestClock({ timeout: 5_000, result: { startTime: Date.now() - 1_000 } })
    vi.advanceTimersByTime(4_000 - MARGIN_MS - 1)
    expect(clock.isUp).toBe(false)
    vi.advanceTimersByTime(1)
    expect(clock.isUp).toBe(true)
    expect(clock.signal.aborted).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

it('gives a test that is tried again all of its time', () => {
  vi.useFakeTimers()
  try {
    const clock = new TestClock({ timeout: 5_000, result: { startTime: Date.now() - 60_000 } })
    vi.advanceTimersByTime(4_000)
    expect(clock.isUp).toBe(false)
    clock.stop()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('has no end where the test has none, and needs no test', () => {
  vi.useFakeTimers()
  try {
    for (const test of [undefined, {}, { timeout: 0 }, { timeout: Number.POSITIVE_INFINITY }])
      expect(new TestClock(test).timeout).toBe(Number.POSITIVE_INFINITY)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('ends with the test and with the caller', () => {
  for (const which of ['test', 'caller'] as const) {
    const abort = new AbortController()
    const clock = new TestClock(
      which === 'test' ? { context: { signal: abort.signal } } : undefined,
      which === 'caller' ? abort.signal : undefined,
    )
    abort.abort()
    expect(clock.signal.aborted).toBe(true)
    expect(clock.isUp).toBe(false)
  }
})
