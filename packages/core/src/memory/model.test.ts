import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Broker, DeadLetter, Dedupe, Delivery, JobSpec, JobStatus, Outcome } from '../broker.ts'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts'
import { createMemoryBroker } from './index.ts'

const QUEUES = ['a', 'b'] as const
const PRIORITIES = ['high', 'normal', 'low'] as const
const STATES: readonly JobStatus['state'][] = ['queued', 'running', 'done', 'dead', 'canceled']

type Pointed = { readonly pick: number }
type Job = {
  queue: number
  priority: number
  delayMs: number
  key: string | undefined
  mode: Dedupe['mode']
  windowMs: number
}
type Step =
  | { readonly op: 'send'; readonly jobs: readonly Job[] }
  | {
      readonly op: 'receive'
      readonly first: number
      readonly max: number
      readonly per: number
      readonly leaseMs: number
    }
  | ({
      readonly op: 'settle'
      readonly kind: Outcome['kind']
      readonly delayMs: number
      readonly flag: boolean
    } & Pointed)
  | ({ readonly op: 'extend'; readonly leaseMs: number } & Pointed)
  | ({ readonly op: 'cancel' } & Pointed)
  | ({ readonly op: 'redrive' | 'discard' } & Pointed)
  | { readonly op: 'advance'; readonly ms: number }
  | { readonly op: 'pause' | 'resume'; readonly queue: number }

const pick = fc.nat(1_000)
const job: fc.Arbitrary<Job> = fc.record({
  queue: fc.nat(1),
  priority: fc.nat(2),
  delayMs: fc.oneof(fc.constant(0), fc.nat(40)),
  key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
  mode: fc.constantFrom<Dedupe['mode']>('alive', 'queued', 'window'),
  windowMs: fc.nat(60),
})
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('send' as const), jobs: fc.array(job, { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('receive' as const),
      first: fc.nat(1),
      max: fc.nat(6),
      per: fc.nat(4),
      leaseMs: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('settle' as const),
      pick,
      kind: fc.constantFrom<Outcome['kind']>('ack', 'retry', 'dead', 'release'),
      delayMs: fc.nat(30),
      flag: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('extend' as const), pick, leaseMs: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cancel' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('redrive' as const, 'discard' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('advance' as const), ms: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('pause' as const, 'resume' as const), queue: fc.nat(1) }) },
)

/** A job as the model sees it: plain, in one list, found by looking at all of them. */
interface ModelJob {
  readonly id: string
  readonly spec: Job
  readonly order: number
  readonly enqueuedAt: number
  state: JobStatus['state'] | 'discarded'
  attempt: number
  crashes: number
  redrives: number
  attempts: number
  died: number
  firstDue: number
  due: number
  leaseUntil: number
  delivery: Delivery | undefined
  /** Its latest delivery, of a cancelled job whose owner has not settled: answered `canceled` until the lease would end. */
  revoked: boolean
}

/** Does each step on the broker and, naively, on a list, and compares. */
class Comparison {
  readonly broker: Broker
  readonly clock: FakeClock
  readonly jobs: ModelJob[] = []
  readonly deliveries: Delivery[] = []
  readonly keys = new Map<string, { id: string; until: number }>()
  readonly paused = new Set<number>()
  deaths = 0

  constructor() {
    this.clock = createFakeClock()
    this.broker = createMemoryBroker({ clock: this.clock })
  }

  tick(): number {
    const now = this.clock.now()
    for (const [name, { until }] of this.keys) if (until <= now) this.keys.delete(name)
    for (const one of this.jobs) {
      if (one.leaseUntil > now) continue
      one.revoked = false
      if (one.state === 'running') {
        one.crashes++
        one.state = 'queued'
      }
    }
    return now
  }

  free(one: ModelJob): void {
    const name = `${one.spec.queue}${one.spec.key}`
    const holder = this.keys.get(name)
    if (holder?.id === one.id && holder.until === Number.POSITIVE_INFINITY) this.keys.delete(name)
  }

  hold(one: ModelJob, until: number): void {
    const name = `${one.spec.queue}${one.spec.key}`
    if (one.spec.key !== undefined && !this.keys.has(name)) this.keys.set(name, { id: one.id, until })
  }

  async send(
    specs: readonly Job[],
    send: (specs: JobSpec[]) => Promise<readonly { id: string; duplicate: boolean }[] | undefined>,
  ): Promise<void> {
    const now = this.tick()
    const answers = await send(
      specs.map(({ queue, priority, delayMs, key, mode, windowMs }, n) => ({
        id: `${this.jobs.length}-${n}`,
        name: 'job',
        queue: QUEUES[queue] as string,
        priority: PRIORITIES[priority] as JobSpec['priority'],
        delayMs,
        text: '1',
        ...(key !== undefined && { key, dedupe: mode === 'window' ? { mode, windowMs } : { mode } }),
      })),
    )
    const size = this.jobs.length
    for (const [n, spec] of specs.entries()) {
      const holder = spec.key === undefined ? undefined : this.keys.get(`${spec.queue}${spec.key}`)
      const id = holder?.id ?? `${size}-${n}`
      if (answers) expect(answers[n]).toEqual({ id, duplicate: holder !== undefined })
      if (holder) continue
      const due = now + spec.delayMs
      const blank = {
        attempt: 1,
        crashes: 0,
        redrives: 0,
        attempts: 0,
        died: 0,
        leaseUntil: Number.POSITIVE_INFINITY,
        delivery: undefined,
        revoked: false,
      }
      const one: ModelJob = {
        id,
        spec,
        order: this.jobs.length,
        enqueuedAt: now,
        state: 'queued',
        firstDue: due,
        due,
        ...blank,
      }
      this.jobs.push(one)
      this.hold(one, spec.mode === 'window' ? now + spec.windowMs : Number.POSITIVE_INFINITY)
    }
  }

  async receive({ first, max, per, leaseMs }: Step & { op: 'receive' }): Promise<void> {
    const now = this.tick()
    const queues = [first, 1 - first]
    const expected: ModelJob[] = []
    for (const queue of queues) {
      if (this.paused.has(queue)) continue
      const due = this.jobs.filter((one) => one.state === 'queued' && one.spec.queue === queue && one.due <= now)
      due.sort((a, b) => a.spec.priority - b.spec.priority || a.due - b.due || a.order - b.order)
      expected.push(...due.slice(0, Math.min(per, max - expected.length)))
    }
    const got = await this.broker.receive({
      queues: queues.map((queue) => ({ name: QUEUES[queue] as string, max: per })),
      max,
      leaseMs,
      workerId: 'w',
      waitMs: 0,
      signal: new AbortController().signal,
    })
    expect(
      got.map(({ job: { id, attempt, crashes, dueAt }, leaseUntil }) => ({ id, attempt, crashes, dueAt, leaseUntil })),
    ).toEqual(
      expected.map(({ id, attempt, crashes, firstDue }) => ({
        id,
        attempt,
        crashes,
        dueAt: firstDue,
        leaseUntil: now + leaseMs,
      })),
    )
    for (const [n, one] of expected.entries()) {
      one.state = 'running'
      one.leaseUntil = now + leaseMs
      one.delivery = got[n]
      if (one.spec.mode === 'queued') this.free(one)
    }
    this.deliveries.push(...got)
  }

  /** The job of a delivery, and why it is lost, if it is. */
  owner(delivery: Delivery): [ModelJob, 'lease' | 'canceled' | undefined] {
    const one = this.jobs.find((candidate) => candidate.id === delivery.job.id) as ModelJob
    if (one.delivery === delivery && one.state === 'running') return [one, undefined]
    return [one, one.delivery === delivery && one.revoked ? 'canceled' : 'lease']
  }

  async settle({ pick, kind, delayMs, flag }: Step & { op: 'settle' }): Promise<void> {
    const delivery = this.deliveries[pick % this.deliveries.length]
    if (!delivery) return
    const now = this.tick()
    const [one, reason] = this.owner(delivery)
    const followUp: Job = { ...one.spec, delayMs }
    const settle = async (enqueue: JobSpec[]): Promise<undefined> => {
      const outcomes: Readonly<Record<Outcome['kind'], Outcome>> = {
        ack: { kind: 'ack', result: { of: one.id }, ...(flag && { enqueue }) },
        retry: { kind: 'retry', delayMs, error: new Error('x'), crashed: flag },
        dead: { kind: 'dead', reason: 'exhausted', error: new Error('x') },
        release: { kind: 'release', ...(delayMs && { delayMs }), suspect: flag },
      }
      const lost = await this.broker.settle([
        { delivery, outcome: outcomes[kind], endedAt: now, ...(flag && { startedAt: now }) },
      ])
      expect(lost).toEqual(reason ? [{ delivery, reason }] : [])
    }
    if (reason) {
      await settle([])
      if (one.delivery === delivery) one.revoked = false
      return
    }
    if (kind === 'ack' || kind === 'dead') this.free(one)
    if (kind === 'ack' && flag) await this.send([followUp], settle)
    else await settle([])
    one.state = kind === 'ack' ? 'done' : kind === 'dead' ? 'dead' : 'queued'
    if (kind === 'retry') one.attempt++
    if ((kind === 'retry' || kind === 'release') && flag) one.crashes++
    if (kind === 'retry' || (kind === 'release' && delayMs)) one.due = now + delayMs
    if (kind === 'dead') {
      one.attempts = flag ? one.attempt : one.attempt - 1
      one.died = ++this.deaths
    }
  }

  async extend({ pick, leaseMs }: Step & { op: 'extend' }): Promise<void> {
    const delivery = this.deliveries[pick % this.deliveries.length]
    if (!delivery) return
    const now = this.tick()
    const [one, reason] = this.owner(delivery)
    expect(await this.broker.extend([delivery], leaseMs)).toEqual(reason ? [{ delivery, reason }] : [])
    if (!reason) one.leaseUntil = now + leaseMs
  }

  async cancel({ pick }: Pointed): Promise<void> {
    const one = this.jobs[pick % this.jobs.length]
    if (!one) return
    this.tick()
    const can = one.state === 'queued' || one.state === 'running'
    expect(await this.broker.cancel(one.id)).toBe(can)
    if (!can) return
    one.revoked = one.state === 'running'
    one.state = 'canceled'
    this.free(one)
  }

  async bury({ op, pick }: Step & { op: 'redrive' | 'discard' }): Promise<void> {
    const one = this.jobs[pick % this.jobs.length]
    if (!one) return
    const now = this.tick()
    const dead = one.state === 'dead'
    expect(await this.broker.deadLetters[op]({ ids: [one.id] })).toBe(dead ? 1 : 0)
    if (!dead) return
    one.state = op === 'discard' ? 'discarded' : 'queued'
    if (op === 'discard') return
    Object.assign(one, { attempt: 1, crashes: 0, redrives: one.redrives + 1, firstDue: now, due: now })
    if (one.spec.mode !== 'window') this.hold(one, Number.POSITIVE_INFINITY)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      if (one.op === 'send') await this.send(one.jobs, (specs) => this.broker.send(specs))
      else if (one.op === 'receive') await this.receive(one)
      else if (one.op === 'settle') await this.settle(one)
      else if (one.op === 'extend') await this.extend(one)
      else if (one.op === 'cancel') await this.cancel(one)
      else if (one.op === 'advance') await this.clock.advance(one.ms)
      else if ('pick' in one) await this.bury(one)
      else {
        await this.broker[one.op](QUEUES[one.queue] as string)
        if (one.op === 'pause') this.paused.add(one.queue)
        else this.paused.delete(one.queue)
      }
      await this.check()
    }
    await this.broker[Symbol.asyncDispose]()
    expect(this.clock.pending).toBe(0)
  }

  /** Every job is where the model has it, in one state, and the figures add up. */
  async check(): Promise<void> {
    const now = this.tick()
    for (const { id, state, attempt, crashes, due, enqueuedAt } of this.jobs) {
      const status = await this.broker.get(id)
      if (state === 'discarded') expect(status).toBeUndefined()
      else expect(status).toMatchObject({ id, state, attempt, crashes, dueAt: due, enqueuedAt })
      if (status) expect(STATES).toContain(status.state)
    }
    for (const [queue, stats] of (await this.broker.stats(QUEUES)).entries()) {
      const mine = this.jobs.filter((one) => one.spec.queue === queue)
      const ready = mine.filter((one) => one.state === 'queued' && one.due <= now)
      const count = (state: ModelJob['state']): number => mine.filter((one) => one.state === state).length
      expect(stats).toEqual({
        queue: QUEUES[queue],
        ready: ready.length,
        delayed: count('queued') - ready.length,
        active: count('running'),
        dead: count('dead'),
        oldestAgeMs: now - Math.min(now, ...ready.map((one) => one.due)),
        paused: this.paused.has(queue),
      })
    }
    const dead = this.jobs.filter((one) => one.state === 'dead').sort((a, b) => b.died - a.died)
    expect(
      (await this.pages()).map(({ id, attempts, crashes, redrives }) => [id, attempts, crashes, redrives]),
    ).toEqual(dead.map(({ id, attempts, crashes, redrives }) => [id, attempts, crashes, redrives]))
  }

  async pages(): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = []
    let page = await this.broker.deadLetters.list({ limit: 2 })
    letters.push(...page.items)
    while (page.cursor !== undefined) {
      page = await this.broker.deadLetters.list({ limit: 2, cursor: page.cursor })
      letters.push(...page.items)
    }
    return letters
  }
}

describe('the memory broker', () => {
  it('does what a naive model does, whatever is asked of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => new Comparison().run(steps)),
      { numRuns: 150 },
    )
  })
})
