import type { Broker, Delivery, JobSpec, Outcome } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import fc from 'fast-check'
import { expect } from 'vitest'
import { settled, spec, want } from './postgres/jobs.ts'

const HOUR_MS = 3_600_000

/** One call on a broker; numbers choose among what there is. */
type Step =
  | { readonly do: 'send'; readonly jobs: readonly JobSpec[] }
  | { readonly do: 'receive'; readonly max: number; readonly first: number }
  | { readonly do: 'settle'; readonly which: readonly number[]; readonly outcome: Outcome; readonly ran: boolean }
  | { readonly do: 'extend'; readonly which: readonly number[] }
  | { readonly do: 'cancel' | 'get' | 'redrive' | 'discard'; readonly id: string }
  | { readonly do: 'pause' | 'resume' | 'redriveAll' | 'list'; readonly queue: string }

const QUEUES = ['a', 'b']
const queue = fc.constantFrom(...QUEUES)
// An id is of one queue: some brokers know jobs by both.
const id = fc.tuple(queue, fc.nat(3)).map(([of, n]) => `${of}-job-${n}`)
const which = fc.array(fc.nat(9), { minLength: 1, maxLength: 4 })
const job = fc
  .record({
    id,
    priority: fc.constantFrom('high', 'normal', 'low'),
    delayMs: fc.constantFrom(0, 0, 0, HOUR_MS),
    key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
    dedupe: fc.constantFrom({ mode: 'alive' }, { mode: 'queued' }, { mode: 'window', windowMs: HOUR_MS }),
    tenant: fc.option(fc.constantFrom('acme', ''), { nil: undefined }),
    trace: fc.option(fc.constant('{"traceparent":"00-1-2-01"}'), { nil: undefined }),
  })
  .map(({ key, tenant, trace, id, ...over }) => {
    const optional = {
      ...(key !== undefined && { key }),
      ...(tenant !== undefined && { tenant }),
      ...(trace && { trace }),
    }
    return spec({ ...over, id, queue: id.slice(0, 1), ...optional } as Partial<JobSpec>)
  })
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: fc.constant('ack'), enqueue: fc.array(job, { maxLength: 2 }) }),
  fc.record({
    kind: fc.constant('retry'),
    delayMs: fc.constantFrom(0, HOUR_MS),
    error: fc.constant(new Error('x')),
    crashed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('dead'),
    reason: fc.constantFrom('exhausted', 'crashed'),
    error: fc.constant(new Error('x')),
  }),
  fc.record({ kind: fc.constant('release'), delayMs: fc.constantFrom(0, HOUR_MS), suspect: fc.boolean() }),
) as fc.Arbitrary<Outcome>
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send'), jobs: fc.array(job, { minLength: 1, maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('receive'), max: fc.integer({ min: 1, max: 4 }), first: fc.nat(1) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('settle'), which, outcome, ran: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('extend'), which }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'get', 'redrive', 'discard'), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume', 'list'), queue }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('redriveAll'), queue }) },
) as fc.Arbitrary<Step>

/** A broker with the deliveries that it has handed out, so that the same steps can be taken on another. */
class Subject {
  readonly #broker: Broker
  readonly #run: string
  readonly #handed: Delivery[] = []
  /** Those of an id that was used again since they were handed out. */
  readonly #before = new Set<Delivery>()
  readonly #keepsPlaces: boolean
  /**
   * Whether jobs went back whose order is not that of the model any more. From then on all are received at once, in any
   * order.
   */
  #anyOrder = false

  constructor(broker: Broker, run: string, keepsPlaces: boolean) {
    this.#broker = broker
    this.#run = run
    this.#keepsPlaces = keepsPlaces
  }

  /** Takes a step and answers all that can be seen of it, names without what is this run's own. */
  async take(step: Step): Promise<unknown> {
    const seen = {
      answer: await this.#answer(step),
      stats: await this.#broker.stats(QUEUES.map((name) => this.#own(name))),
    }
    return JSON.parse(
      JSON.stringify(seen, (key, value) => (key === 'oldestAgeMs' ? undefined : value)).replaceAll(this.#run, ''),
    )
  }

  #usedAgain(id: string): void {
    for (const delivery of this.#handed) if (delivery.job.id === id) this.#before.add(delivery)
  }

  #own(name: string): string {
    return `${this.#run}${name}`
  }

  #ownSpec(one: JobSpec): JobSpec {
    return { ...one, queue: this.#own(one.queue), ...(one.id !== undefined && { id: this.#own(one.id) }) }
  }

  /** Several jobs went back at once, or one to its place. */
  #mix(): void {
    this.#anyOrder ||= !this.#keepsPlaces
  }

  #chosen(which: readonly number[]): Delivery[] {
    const chosen = new Set(which.map((n) => this.#handed[n % (this.#handed.length || 1)]))
    return [...chosen].filter((one) => one !== undefined)
  }

  #lost(lost: Awaited<ReturnType<Broker['settle']>>): unknown {
    return lost
      .map(({ delivery, reason }) => [
        delivery.job.id,
        this.#handed.indexOf(delivery),
        // Of an id that was used again the server does not remember who was cancelled before.
        this.#before.has(delivery) ? 'before' : reason,
      ])
      .sort()
  }

  async #answer(step: Step): Promise<unknown> {
    const broker = this.#broker
    switch (step.do) {
      case 'send': {
        const enqueued = await broker.send(step.jobs.map((one) => this.#ownSpec(one)))
        for (const { id, duplicate } of enqueued) if (!duplicate) this.#usedAgain(id)
        return enqueued
      }
      case 'receive': {
        const queues = step.first === 0 ? QUEUES : [...QUEUES].reverse()
        const max = this.#anyOrder ? 200 : step.max
        let deliveries = await broker.receive(
          want({ max, queues: queues.map((name) => ({ name: this.#own(name), max })) }),
        )
        if (this.#anyOrder) deliveries = [...deliveries].sort((a, b) => (a.job.id < b.job.id ? -1 : 1))
        for (const { job } of deliveries) this.#usedAgain(job.id)
        this.#handed.push(...deliveries)
        return deliveries.map(({ job: { id, queue, priority, attempt, crashes, tenant, trace, payload } }) => ({
          ...{ id, queue, priority, attempt, crashes, tenant, trace },
          payload,
        }))
      }
      case 'settle': {
        const { outcome } = step
        const own: Outcome =
          outcome.kind === 'ack'
            ? { ...outcome, enqueue: outcome.enqueue?.map((one) => this.#ownSpec(one)) ?? [] }
            : outcome
        if (own.kind === 'release' || (own.kind === 'retry' && step.which.length > 1)) this.#mix()
        const batch = this.#chosen(step.which).map((delivery) => settled(delivery, own))
        if (own.kind === 'ack') for (const { id } of own.enqueue ?? []) if (id !== undefined) this.#usedAgain(id)
        return this.#lost(await broker.settle(step.ran ? batch : batch.map(({ startedAt: _, ...rest }) => rest)))
      }
      case 'extend':
        return this.#lost(await broker.extend(this.#chosen(step.which), HOUR_MS))
      case 'cancel':
        return broker.cancel(this.#own(step.id))
      case 'get': {
        const status = await broker.get(this.#own(step.id))
        if (!status || status.state === 'done' || status.state === 'canceled') return 'ended'
        const { state, name, queue, priority, attempt, crashes, reason, workerId, error } = status
        return { state, name, queue, priority, attempt, crashes, reason, workerId, message: error?.message }
      }
      case 'redrive':
      case 'discard':
        return broker.deadLetters[step.do]({ ids: [this.#own(step.id)] })
      case 'redriveAll':
        this.#mix()
        return broker.deadLetters.redrive({ queue: this.#own(step.queue) })
      case 'list': {
        const { items, cursor } = await broker.deadLetters.list({ queue: this.#own(step.queue) })
        const seen = items.map(({ id, reason, attempts, crashes, redrives, tenant, payload, priority, error }) => ({
          ...{ id, reason, attempts, crashes, redrives, tenant, payload, priority, message: error.message },
        }))
        // Those that died in the same ms have no order of their own here.
        return { seen: seen.sort((a, b) => (a.id < b.id ? -1 : 1)), cursor }
      }
      case 'pause':
      case 'resume':
        return broker[step.do](this.#own(step.queue))
    }
  }
}

/** What a broker does that is compared with the model. */
export interface ModelOptions {
  /**
   * Whether what goes back stands where it stood, by the time and the order in which it was sent. Else it stands where it
   * comes, and its order is not compared.
   */
  readonly keepsPlaces: boolean
}

/** Has a broker and the memory broker take the same random steps, and compares all that can be seen of them. */
export async function compareWithModel(real: Broker, { keepsPlaces }: ModelOptions): Promise<void> {
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await using model = createMemoryBroker()
      const name = `run-${++run}-`
      const [expected, got] = [model, real].map((broker) => new Subject(broker, name, keepsPlaces)) as [
        Subject,
        Subject,
      ]
      for (const [at, one] of steps.entries()) {
        const answer = await expected.take(one)
        expect(await got.take(one), `step ${at}: ${JSON.stringify(one)}`).toEqual(answer)
      }
    }),
    { numRuns: 100 },
  )
}
