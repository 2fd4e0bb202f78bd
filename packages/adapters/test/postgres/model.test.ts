import { postgres } from '@isobar/adapters/postgres'
import type { Broker, Delivery, JobSpec, Outcome } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { createDatabase } from '../database.ts'
import { settled, spec, want } from './jobs.ts'

const database = await createDatabase()
afterAll(() => database[Symbol.asyncDispose]())

const HOUR_MS = 3_600_000

/** One call on a broker; numbers choose among what there is. */
type Step =
  | { readonly do: 'send'; readonly jobs: readonly JobSpec[] }
  | { readonly do: 'receive'; readonly max: number; readonly first: number }
  | { readonly do: 'settle'; readonly which: readonly number[]; readonly outcome: Outcome; readonly ran: boolean }
  | { readonly do: 'cancel' | 'get' | 'redrive' | 'discard'; readonly id: string }
  | { readonly do: 'pause' | 'resume' | 'redriveAll'; readonly queue: string }

const QUEUES = ['a', 'b']
const id = fc.integer({ min: 0, max: 12 }).map((n) => `job-${n}`)
const queue = fc.constantFrom(...QUEUES)
const job = fc
  .record({
    id,
    queue,
    priority: fc.constantFrom('high', 'normal', 'low'),
    delayMs: fc.constantFrom(0, 0, 0, HOUR_MS),
    key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
    dedupe: fc.constantFrom({ mode: 'alive' }, { mode: 'queued' }, { mode: 'window', windowMs: HOUR_MS }),
  })
  .map(({ key, ...over }) => spec({ ...over, ...(key !== undefined && { key }) } as Partial<JobSpec>))
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
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      which: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
      outcome,
      ran: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'get', 'redrive', 'discard'), id }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume', 'redriveAll'), queue }) },
) as fc.Arbitrary<Step>

/** A broker with the deliveries that it has handed out, so that the same steps can be taken on another. */
class Subject {
  readonly #broker: Broker
  readonly #run: string
  readonly #handed: Delivery[] = []
  /** Those of an id that was used again since they were handed out. */
  readonly #before = new Set<Delivery>()

  constructor(broker: Broker, run: string) {
    this.#broker = broker
    this.#run = run
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
        const deliveries = await broker.receive(
          want({ max: step.max, queues: queues.map((name) => ({ name: this.#own(name), max: step.max })) }),
        )
        for (const { job } of deliveries) this.#usedAgain(job.id)
        this.#handed.push(...deliveries)
        return deliveries.map(({ job: { id, queue, priority, attempt, crashes } }) => ({
          id,
          queue,
          priority,
          attempt,
          crashes,
        }))
      }
      case 'settle': {
        const chosen = [...new Set(step.which.map((n) => this.#handed[n % (this.#handed.length || 1)]))]
        const { outcome } = step
        const own: Outcome =
          outcome.kind === 'ack'
            ? { ...outcome, enqueue: outcome.enqueue?.map((one) => this.#ownSpec(one)) ?? [] }
            : outcome
        const batch = chosen.filter((one) => one !== undefined).map((delivery) => settled(delivery, own))
        if (own.kind === 'ack') for (const { id } of own.enqueue ?? []) if (id !== undefined) this.#usedAgain(id)
        const lost = await broker.settle(step.ran ? batch : batch.map(({ startedAt: _, ...rest }) => rest))
        return lost
          .map(({ delivery, reason }) => [
            delivery.job.id,
            this.#handed.indexOf(delivery),
            // Of an id that was used again the server does not remember who was cancelled before.
            this.#before.has(delivery) ? 'before' : reason,
          ])
          .sort()
      }
      case 'cancel':
        return broker.cancel(this.#own(step.id))
      case 'get': {
        const status = await broker.get(this.#own(step.id))
        if (!status || status.state === 'done' || status.state === 'canceled') return 'ended'
        const { state, name, queue, priority, attempt, crashes, reason, workerId } = status
        return { state, name, queue, priority, attempt, crashes, reason, workerId }
      }
      case 'redrive':
      case 'discard':
        return broker.deadLetters[step.do]({ ids: [this.#own(step.id)] })
      case 'redriveAll':
        return broker.deadLetters.redrive({ queue: this.#own(step.queue) })
      case 'pause':
      case 'resume':
        return broker[step.do](this.#own(step.queue))
    }
  }
}

it('does what the memory broker does, step by step', async () => {
  await using real = postgres(database.url, { schema: 'model' })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      await using model = createMemoryBroker()
      const name = `run-${++run}-`
      const subjects = [new Subject(model, name), new Subject(real, name)] as const
      for (const [at, one] of steps.entries()) {
        const [expected, got] = [await subjects[0].take(one), await subjects[1].take(one)]
        expect(got, `step ${at}: ${JSON.stringify(one)}`).toEqual(expected)
      }
    }),
    { numRuns: 100 },
  )
}, 120_000)
