import { expect, test } from 'vitest'
import { type ScaleRange, type ScaleState, scale, toScaleOptions, UNSCALED } from './scaler.ts'

const TICK_MS = 100
const READ_EVERY_MS = 500
const ISOLATE_BYTES = 100

interface Simulation {
  readonly range: ScaleRange
  readonly forMs: number
  /** Jobs that come in at a moment. */
  readonly arrivals: (at: number) => number
  readonly jobMs: number
  readonly slots: number
  /** Bytes for all isolates together. */
  readonly memory?: number
}

interface Change {
  readonly at: number
  readonly size: number
  readonly reason: string | undefined
}

/** A pool on fake time: first come, first served; an isolate that goes ends what it has and takes no more. */
function simulate({ range, forMs, arrivals, jobMs, slots, memory }: Simulation) {
  const options = toScaleOptions(range)
  const queue: number[] = []
  let head = 0
  let ends: number[] = []
  let state: ScaleState = UNSCALED
  let size = options.min
  let maxReady = 0
  let refused = 0
  const changes: Change[] = []
  for (let at = 0; at < forMs; at += TICK_MS) {
    for (let n = arrivals(at); n > 0; n--) queue.push(at)
    ends = ends.filter((end) => end > at)
    while (ends.length < size * slots && head < queue.length) {
      ends.push(at + jobMs)
      head++
    }
    const ready = queue.length - head
    maxReady = Math.max(maxReady, ready)
    if (at % READ_EVERY_MS !== 0) continue
    const decision = scale(
      state,
      {
        at,
        size,
        ready,
        oldestAgeMs: at - (queue[head] ?? at),
        busy: Math.min(1, ends.length / (size * slots)),
        memoryLeft: memory === undefined ? undefined : memory - size * ISOLATE_BYTES,
        memoryNeeded: ISOLATE_BYTES,
      },
      options,
    )
    if (decision.size !== size) changes.push({ at, size: decision.size, reason: decision.reason })
    if (decision.reason === 'memory') refused++
    state = decision.state
    size = decision.size
  }
  return { changes, sizes: changes.map((change) => change.size), size, ready: queue.length - head, maxReady, refused }
}

/** Jobs of 100 ms in 10 slots: an isolate does 100 a second. */
const quick = { jobMs: 100, slots: 10, range: { min: 1, max: 8 } }

test('a burst of 10,000, then nothing: up by doubling in seconds, down one a minute', () => {
  const { changes, ready } = simulate({
    ...quick,
    forMs: 600_000,
    arrivals: (at) => (at === 0 ? 10_000 : 0),
  })
  expect(ready).toBe(0)
  expect(changes.slice(0, 3)).toEqual([
    { at: 2_000, size: 2, reason: 'depth' },
    { at: 4_000, size: 4, reason: 'depth' },
    { at: 6_000, size: 8, reason: 'depth' },
  ])
  const down = changes.slice(3)
  expect(down.map(({ size, reason }) => [size, reason])).toEqual([7, 6, 5, 4, 3, 2, 1].map((size) => [size, 'idle']))
  const waits = changes.slice(1).map(({ at }, index) => at - (changes[index]?.at ?? 0))
  expect(waits.slice(3)).toEqual(Array(6).fill(60_000))
  expect(waits[2]).toBeGreaterThan(60_000)
})

test('steady load at the capacity of 3 isolates: finds its size within a minute, and stays', () => {
  const { changes, size, maxReady } = simulate({
    ...quick,
    forMs: 1_200_000,
    arrivals: () => 30,
  })
  expect(size).toBeGreaterThanOrEqual(3)
  // More than 3, to drain what came in while it grew; kept, since half of them are busy.
  expect(size).toBeLessThanOrEqual(6)
  expect(changes.length).toBeLessThanOrEqual(3)
  expect(changes.at(-1)?.at).toBeLessThan(60_000)
  expect(maxReady).toBeLessThan(1_000)
})

test('load that changes faster than the waits: short peaks start nothing', () => {
  const { changes, ready } = simulate({
    ...quick,
    forMs: 1_200_000,
    // Gone in 2.5 s, and above the mark of 100 for less than 2 s.
    arrivals: (at) => (at % 4_000 === 0 ? 250 : 0),
  })
  expect(ready).toBeLessThanOrEqual(250)
  expect(changes).toEqual([])
})

test('load that changes faster than the waits: what long peaks started is kept for the next', () => {
  const { changes } = simulate({
    ...quick,
    forMs: 1_200_000,
    arrivals: (at) => (at % 20_000 === 0 ? 3_000 : 0),
  })
  expect(changes.every(({ reason }) => reason === 'depth')).toBe(true)
  expect(changes.length).toBeLessThanOrEqual(4)
})

test('memory for only 2', () => {
  const { sizes, refused, ready } = simulate({
    ...quick,
    forMs: 120_000,
    memory: 2.5 * ISOLATE_BYTES,
    arrivals: (at) => (at === 0 ? 10_000 : 0),
  })
  expect(sizes).toEqual([2, 1])
  expect(refused).toBeGreaterThan(10)
  expect(ready).toBe(0)
})

test('a few slow jobs: age grows it, by no more than there are jobs, and it comes back', () => {
  const { changes, size, ready } = simulate({
    range: { min: 1, max: 20 },
    forMs: 900_000,
    jobMs: 120_000,
    slots: 1,
    arrivals: (at) => (at === 0 ? 4 : 0),
  })
  expect(changes[0]).toEqual({ at: 32_500, size: 2, reason: 'age' })
  expect(Math.max(...changes.map((change) => change.size))).toBeLessThanOrEqual(5)
  expect([size, ready]).toEqual([1, 0])
})

test('min = max: a pool of a fixed size', () => {
  const { changes } = simulate({
    ...quick,
    range: { min: 3, max: 3 },
    forMs: 300_000,
    arrivals: (at) => (at === 0 ? 10_000 : 0),
  })
  expect(changes).toEqual([])
})
