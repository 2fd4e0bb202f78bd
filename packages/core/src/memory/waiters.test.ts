import { describe, expect, it } from 'vitest'
import type { Broker, Delivery, JobSpec, Want } from '../broker.ts'
import type { Clock } from '../clock.ts'
import { MAX_TIMER_MS } from '../duration.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { createMemoryBroker } from './index.ts'

const spec = (over: Partial<JobSpec> = {}): JobSpec => ({
  name: 'n',
  queue: 'q',
  priority: 'normal',
  text: '1',
  delayMs: 0,
  ...over,
})

const want = (over: Partial<Want> = {}): Want => ({
  queues: [{ name: 'q', max: 10 }],
  max: 10,
  leaseMs: 1_000,
  workerId: 'w',
  waitMs: 10_000,
  signal: new AbortController().signal,
  ...over,
})

interface Bench {
  readonly clock: FakeClock
  /** How long each timer was set for that was ever set, in ms. */
  readonly timers: number[]
  readonly broker: Broker
  /** A receive, and when it answered with how many deliveries. */
  wait(over?: Partial<Want>): { readonly at: () => number | undefined; readonly done: Promise<readonly Delivery[]> }
}

function bench(): Bench {
  const clock = createFakeClock({ now: 0 })
  const timers: number[] = []
  const counted: Clock = {
    ...clock,
    setTimeout: (callback, ms) => {
      timers.push(ms)
      return clock.setTimeout(callback, ms)
    },
  }
  const broker = createMemoryBroker({ clock: counted })
  return {
    clock,
    timers,
    broker,
    wait: (over) => {
      let at: number | undefined
      const done = broker.receive(want(over)).then((deliveries) => {
        at = clock.now()
        return deliveries
      })
      return { at: () => at, done }
    },
  }
}

describe('waiting receives', () => {
  it('wake at the due time, to the millisecond', async () => {
    const { clock, broker, wait } = bench()
    await broker.send([spec({ delayMs: 500 })])
    const one = wait()
    await clock.advance(499)
    expect(one.at()).toBeUndefined()
    await clock.advance(1)
    expect(one.at()).toBe(500)
    expect(await one.done).toHaveLength(1)
  })

  it('wake when a lease ends', async () => {
    const { clock, broker, wait } = bench()
    await broker.send([spec()])
    await broker.receive(want({ leaseMs: 300 }))
    const one = wait()
    await clock.advance(1_000)
    expect(one.at()).toBe(300)
    expect((await one.done)[0]?.job.crashes).toBe(1)
  })

  it('end after waitMs, each after its own', async () => {
    const { clock, wait } = bench()
    const waits = [wait({ waitMs: 300 }), wait({ waitMs: 100 }), wait({ waitMs: 200 })]
    await clock.advance(1_000)
    expect(waits.map((one) => one.at())).toEqual([300, 100, 200])
    expect(clock.pending).toBe(0)
  })

  it('share one timer, gone when nobody waits', async () => {
    const { clock, broker, wait } = bench()
    expect(clock.pending).toBe(0)
    const controllers = [new AbortController(), new AbortController()]
    const waits = controllers.map(({ signal }) => wait({ signal }))
    await broker.send([spec({ delayMs: 5_000 }), spec({ delayMs: 50, queue: 'other' })])
    expect(clock.pending).toBe(1)
    controllers[0]?.abort()
    expect(await waits[0]?.done).toEqual([])
    expect(clock.pending).toBe(1)
    controllers[1]?.abort()
    expect(clock.pending).toBe(0)
  })

  it('are not woken by queues that they do not read, nor by paused ones', async () => {
    const { clock, broker, wait } = bench()
    await broker.pause('q')
    await broker.send([spec({ delayMs: 50, queue: 'other' }), spec({ delayMs: 60 })])
    const one = wait({ waitMs: 400 })
    await clock.advance(399)
    expect(one.at()).toBeUndefined()
    await broker.resume('q')
    expect(await one.done).toHaveLength(1)
  })

  it('are served in the order in which they came', async () => {
    const { broker, wait } = bench()
    const waits = [wait({ max: 1 }), wait({ max: 2 }), wait({ max: 1 })]
    await broker.send([spec({ id: 'a' }), spec({ id: 'b' }), spec({ id: 'c' }), spec({ id: 'd' }), spec({ id: 'e' })])
    const got = await Promise.all(waits.map((one) => one.done))
    expect(got.map((deliveries) => deliveries.map(({ job }) => job.id))).toEqual([['a'], ['b', 'c'], ['d']])
    expect((await broker.stats(['q']))[0]?.ready).toBe(1)
  })

  it('take a later timer forward when something comes sooner', async () => {
    const { clock, broker, wait } = bench()
    await broker.send([spec({ delayMs: 5_000 })])
    const one = wait()
    await broker.send([spec({ delayMs: 100, id: 'sooner' })])
    await clock.advance(100)
    expect((await one.done)[0]?.job.id).toBe('sooner')
    expect(clock.pending).toBe(0)
  })

  it('set no timer for what comes later than the one that is set', async () => {
    const { timers, broker, wait } = bench()
    const one = wait({ waitMs: 1_000 })
    for (let n = 0; n < 20; n++) await broker.send([spec({ delayMs: 2_000 + n })])
    expect(timers).toEqual([1_000])
    await broker.send([spec()])
    expect(await one.done).toHaveLength(1)
  })

  it('wait for longer than one timer can', async () => {
    const { clock, timers, broker, wait } = bench()
    const days = 40 * 86_400_000
    await broker.send([spec({ delayMs: days })])
    const one = wait({ waitMs: Number.POSITIVE_INFINITY })
    await clock.advance(days - 1)
    expect(one.at()).toBeUndefined()
    await clock.advance(1)
    expect(one.at()).toBe(days)
    expect(Math.max(...timers)).toBe(MAX_TIMER_MS)
  })

  it('do not mind a wall clock that steps back', async () => {
    const clock = createFakeClock({ now: 1_000_000 })
    let step = 0
    const broker = createMemoryBroker({ clock: { ...clock, now: () => clock.now() - step } })
    const waiting = broker.receive(want({ waitMs: 100 }))
    step = 500_000
    let answered = false
    void waiting.then(() => {
      answered = true
    })
    await clock.advance(100)
    expect(answered).toBe(true)
  })

  it('end when the broker is disposed, and leave no timer', async () => {
    const { clock, broker, wait } = bench()
    const waits = [wait(), wait()]
    await broker[Symbol.asyncDispose]()
    expect(await Promise.all(waits.map((one) => one.done))).toEqual([[], []])
    expect(clock.pending).toBe(0)
  })
})
