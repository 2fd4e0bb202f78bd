import { expect, test } from 'vitest'
import { createTestApp, hold, openMonitor, refuse, send } from '../../test/http/open-monitor.ts'
import { MAX_POINTS } from './contract.ts'
import { DELAY_WINDOW_S, LoopDelay } from './loop-delay.ts'
import { createMonitor } from './monitor.ts'
import { PointRing } from './point-ring.ts'
import { SecondDurations } from './second-durations.ts'

test('a point a second, with what happened in it', async () => {
  const { monitor, jobs, clock, settled } = await openMonitor(createTestApp(), { statsEvery: 500 })
  const start = clock.now()
  await jobs.enqueue(hold, null)
  await jobs.enqueue(send, { to: 'ann@example.org' })
  await jobs.enqueue(refuse, { secret: 'x' })
  await settled(2)
  await clock.advance(999)
  expect(monitor.points()).toEqual([])
  await clock.advance(1)
  await clock.advance(1_000)
  const [first, second] = monitor.points()
  expect(first).toMatchObject({
    at: start + 1_000,
    done: 1,
    retried: 0,
    dead: 1,
    released: 0,
    running: 1,
    recycles: [],
  })
  expect(first?.p50).toBeTypeOf('number')
  expect(first?.memory?.rss).toBeGreaterThan(1e6)
  expect(first?.queues).toEqual([
    ['email', 0, 0, 0, 1, 0, 0],
    ['pages', 0, 0, 1, 0, 0, 0],
  ])
  expect(second).toMatchObject({ at: start + 2_000, done: 0, dead: 0, running: 1, p50: null, p99: null })
})

test('keeps the last 15 minutes, oldest first', () => {
  const ring = new PointRing()
  for (let n = 0; n < 3; n++) ring.add(String(n))
  expect(ring.all()).toEqual(['0', '1', '2'])
  for (let n = 3; n < MAX_POINTS + 5; n++) ring.add(String(n))
  expect(ring.all()).toEqual(Array.from({ length: MAX_POINTS }, (_, n) => String(n + 5)))
})

test('ends with the worker, with nothing left on the clock and a last point', async () => {
  const { monitor, server, clock } = await openMonitor()
  const heard: string[] = []
  monitor.listen({ point: (text) => heard.push(text), end: () => heard.push('end') })
  await clock.advance(1_500)
  const before = monitor.points().length
  await server.stop()
  expect(clock.pending).toBe(0)
  expect(heard.length).toBe(before + 2)
  expect(heard.at(-1)).toBe('end')
  expect(monitor.points().length).toBe(before + 1)
  expect(monitor.health().state).toBe('stopped')
  const late: string[] = []
  monitor.listen({ point: (text) => late.push(text), end: () => late.push('end') })
  expect(late).toEqual(['end'])
  await monitor[Symbol.asyncDispose]()
  expect(heard.filter((text) => text === 'end')).toEqual(['end'])
})

test('disposed, it counts no more and the worker goes on', async () => {
  const { monitor, jobs, clock, settled } = await openMonitor()
  await jobs.enqueue(send, { to: 'a' })
  await settled(1)
  monitor.dispose()
  const before = monitor.metrics()
  const points = monitor.points().length
  await jobs.enqueue(send, { to: 'b' })
  await settled(2)
  await clock.advance(5_000)
  expect(monitor.health().counts.done).toBe(2)
  expect(jobLines(monitor.metrics())).toEqual(jobLines(before))
  expect(monitor.points().length).toBe(points)
})

const jobLines = (metrics: string): string[] =>
  metrics.split('\n').filter((line) => line.startsWith('isobar_jobs_total'))

test('one step of the event loop that takes long shows as delay', async () => {
  const { monitor, clock } = await openMonitor()
  let late = 0
  // The clock of a process whose loop is held: timers fire later than they are due.
  const held = { ...clock, monotonic: () => clock.monotonic() + late, setTimeout: clock.setTimeout }
  const other = createMonitor(monitor.server, { clock: held })
  await clock.advance(500)
  late = 300
  await clock.advance(1_000)
  other.dispose()
  expect(other.points()[0]?.loopDelay).toBe(300)
  expect(other.metrics()).toContain('isobar_worker_event_loop_delay_seconds 0.3\n')
})

test('the delay is the largest of the last minute', () => {
  const delay = new LoopDelay()
  delay.add(5)
  delay.add(2)
  expect(delay.take()).toBe(5)
  expect(delay.take()).toBe(0)
  for (let second = 2; second < DELAY_WINDOW_S; second++) delay.take()
  expect(delay.largest).toBe(5)
  delay.take()
  expect(delay.largest).toBe(0)
})

test('quantiles are of the second alone, and right within a tenth', () => {
  const durations = new SecondDurations()
  for (let ms = 1; ms <= 1_000; ms++) durations.add(ms)
  const { p50, p99 } = durations.take()
  expect(Math.abs((p50 ?? 0) / 500 - 1)).toBeLessThan(0.1)
  expect(Math.abs((p99 ?? 0) / 990 - 1)).toBeLessThan(0.1)
  expect(durations.take()).toEqual({ p50: null, p99: null })
  durations.add(0)
  expect(durations.take().p50).toBe(0.001)
})
