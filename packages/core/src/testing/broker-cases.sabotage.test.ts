import { describe, expect, it } from 'vitest'
import type { Broker, JobSpec, Outcome, Settlement } from '../broker.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { brokerCases } from './broker-cases.ts'
import { override } from './override.ts'

type Change = (broker: Broker) => Partial<Broker>

const changed = (broker: Broker, change: Change): Broker => override(broker, change(broker))

/** Names of the cases that a broker fails. */
async function failing(change: Change, chosen: (name: string) => boolean = () => true): Promise<string[]> {
  const cases = brokerCases(() => changed(createMemoryBroker(), change), { patienceMs: 1_500 })
  const results = await Promise.allSettled(
    cases.filter((c) => chosen(c.name)).map((c) => c.run().catch((error) => Promise.reject([c.name, error]))),
  )
  return results.filter((result) => result.status === 'rejected').map((result) => result.reason[0] as string)
}

const mapSpecs =
  (map: (spec: JobSpec) => JobSpec): Change =>
  (broker) => ({ send: (specs) => broker.send(specs.map(map)) })

const mapOutcomes =
  (map: (outcome: Outcome) => Outcome): Change =>
  (broker) => ({
    settle: (done) => broker.settle(done.map((one): Settlement => ({ ...one, outcome: map(one.outcome) }))),
  })

/** Ways to break the contract, and a case that must notice. */
const sabotage: readonly [what: string, caught: string, change: Change][] = [
  [
    'loses NUL characters',
    'data: NUL characters in values and keys',
    mapSpecs((s) => ({ ...s, text: s.text.replaceAll('\\u0000', '') })),
  ],
  [
    'assigns __proto__',
    'data: keys that objects have by nature',
    mapSpecs((s) => {
      const data = JSON.parse(s.text)
      const copy: Record<string, unknown> = {}
      if (data === null || typeof data !== 'object' || Array.isArray(data)) return s
      for (const key of Object.keys(data)) copy[key] = data[key]
      return { ...s, text: JSON.stringify(copy) }
    }),
  ],
  [
    'escapes nothing it gets',
    'data: unicode',
    mapSpecs((s) => ({ ...s, text: s.text.normalize('NFC').replaceAll('\ufeff', '') })),
  ],
  [
    'shares data',
    'data: a handler that changes its data does not change the job',
    (broker) => {
      const values = new Map<string, unknown>()
      return {
        receive: async (want) =>
          (await broker.receive(want)).map((delivery) => {
            const { id, payload } = delivery.job
            if (!values.has(id)) values.set(id, JSON.parse((payload as { text: string }).text))
            return { ...delivery, job: { ...delivery.job, payload: { value: values.get(id) } } }
          }),
      }
    },
  ],
  ['drops tenants', 'send: a job arrives as it was sent', mapSpecs(({ tenant: _, ...s }) => s)],
  [
    'drops trace contexts',
    'send: a trace context comes with every delivery, as it was sent; a job without one has none',
    mapSpecs(({ trace: _, ...s }) => s),
  ],
  [
    'ignores ids',
    'send: the id of a queued or running job is a duplicate, and adds nothing',
    mapSpecs(({ id: _, ...s }) => s),
  ],
  [
    'ignores priorities',
    'order: urgent jobs come first within a queue',
    mapSpecs((s) => ({ ...s, priority: 'normal' })),
  ],
  ['ignores delays', 'wait: a due time wakes who waits, and not before it', mapSpecs((s) => ({ ...s, delayMs: 0 }))],
  [
    'ignores keys',
    'dedupe: a key is held while its job is queued or running, also by default',
    mapSpecs(({ key: _, ...s }) => s),
  ],
  [
    'knows one mode of keys',
    'dedupe: queued: a key is freed when its job is first handed out',
    mapSpecs(({ dedupe: _, ...s }) => s),
  ],
  [
    'forgets windows',
    'dedupe: window: a key is held for its time after death',
    mapSpecs((s) => ({ ...s, ...(s.dedupe?.mode === 'window' && { dedupe: { mode: 'alive' } }) })),
  ],
  [
    'adds one by one',
    'limit: data that is too large is refused, and all that came with it',
    (broker) => ({
      send: async (specs) => {
        const answers = []
        for (const spec of specs) answers.push(...(await broker.send([spec])))
        return answers
      },
    }),
  ],
  [
    'reads queues in its own order',
    'order: queues come in the order in which they are named, before priority',
    (broker) => ({
      receive: (want) =>
        broker.receive({ ...want, queues: [...want.queues].sort((a, b) => (a.name < b.name ? -1 : 1)) }),
    }),
  ],
  [
    'ignores the maximum of a queue',
    'order: no more come of a queue than asked for of it',
    (broker) => ({
      receive: (want) => broker.receive({ ...want, queues: want.queues.map((queue) => ({ ...queue, max: want.max })) }),
    }),
  ],
  [
    'gives more than asked for',
    'order: no more come than asked for in all',
    (broker) => ({
      receive: (want) =>
        broker.receive({
          ...want,
          max: want.max + 1,
          queues: want.queues.map((queue) => ({ ...queue, max: queue.max + 1 })),
        }),
    }),
  ],
  [
    'is not woken',
    'wait: a new job wakes who waits',
    (broker) => ({
      receive: async (want) => {
        const first = await broker.receive({ ...want, waitMs: 0 })
        if (first.length || want.waitMs === 0) return first
        await new Promise((resolve) => setTimeout(resolve, want.waitMs))
        return broker.receive({ ...want, waitMs: 0 })
      },
    }),
  ],
  [
    'does not wait',
    'wait: an empty queue answers with none after waitMs',
    (broker) => ({ receive: (want) => broker.receive({ ...want, waitMs: 0 }) }),
  ],
  [
    'does not hear the signal',
    'wait: an abort ends the wait, and what comes later goes to others',
    (broker) => ({
      receive: (want) => broker.receive({ ...want, signal: new AbortController().signal }),
    }),
  ],
  [
    'forgets what an aborted receive claimed',
    'wait: what an aborted receive claimed is in its answer',
    (broker) => ({
      receive: async (want) => {
        const claimed = await broker.receive(want)
        return want.signal.aborted ? [] : claimed
      },
    }),
  ],
  [
    'leaves listeners',
    'wait: no listener is left on the signal, however the wait ends',
    (broker) => ({
      receive: (want) => {
        want.signal.addEventListener('abort', () => undefined)
        return broker.receive(want)
      },
    }),
  ],
  [
    'reports no lost',
    'lease: a stale owner cannot ack: it is told, and the job stays with its new owner',
    (broker) => ({
      settle: async (done) => {
        await broker.settle(done)
        return []
      },
    }),
  ],
  [
    'cannot tell why',
    'lookup: the owner of a cancelled job is told when it settles, and nothing comes of it',
    (broker) => ({
      settle: async (done) => (await broker.settle(done)).map((lost) => ({ ...lost, reason: 'lease' })),
    }),
  ],
  ['extends nothing', 'lease: an extended lease outlives the first one', () => ({ extend: async () => [] })],
  [
    'never ends a lease',
    'lease: the end of a lease makes the job due again and raises its crashes, not its attempt',
    (broker) => ({
      receive: (want) => broker.receive({ ...want, leaseMs: 1e9 }),
    }),
  ],
  [
    'does not charge',
    'settle: a retry costs an attempt',
    mapOutcomes((o) => (o.kind === 'retry' ? { kind: 'release', delayMs: o.delayMs } : o)),
  ],
  [
    'charges for a release',
    'settle: a release costs nothing',
    mapOutcomes((o) => (o.kind === 'release' ? { kind: 'retry', delayMs: 0, error: 0 } : o)),
  ],
  [
    'suspects nobody',
    'settle: a release as a suspect raises the crashes, not the attempt',
    mapOutcomes((o) => (o.kind === 'release' ? { kind: 'release' } : o)),
  ],
  [
    'forgets the crash of a retry',
    'settle: a retry after a crash raises both the attempt and the crashes',
    mapOutcomes((o) => (o.kind === 'retry' ? { kind: 'retry', delayMs: o.delayMs, error: o.error } : o)),
  ],
  [
    'takes a crash for no attempt',
    'settle: a retry after a crash raises both the attempt and the crashes',
    mapOutcomes((o) => (o.kind === 'retry' && o.crashed ? { kind: 'release', suspect: true, error: o.error } : o)),
  ],
  [
    'takes every retry for a crash',
    'settle: a retry costs an attempt',
    mapOutcomes((o) => (o.kind === 'retry' ? { ...o, crashed: true } : o)),
  ],
  [
    'drops the dead',
    'dead letter: a dead job is kept with all there is to know',
    mapOutcomes((o) => (o.kind === 'dead' ? { kind: 'ack' } : o)),
  ],
  [
    'takes results by reference',
    'settle: a result that is not JSON does not lose the ack',
    mapOutcomes((o) => (o.kind === 'ack' ? { ...o, result: structuredClone(o.result) } : o)),
  ],
  [
    'loses a batch to one bad settlement',
    'settle: a batch of every outcome, one of them lost, settles the others',
    (broker) => ({
      settle: async (done) => {
        const held = await broker.extend(
          done.map((one) => one.delivery),
          60_000,
        )
        return held.length ? held : broker.settle(done)
      },
    }),
  ],
  [
    'sends follow-ups before the ack',
    'follow-up: they stay away when the ack is lost',
    (broker) => ({
      settle: async (done) => {
        for (const { outcome } of done)
          if (outcome.kind === 'ack' && outcome.enqueue) await broker.send(outcome.enqueue)
        return broker.settle(
          done.map((one) => (one.outcome.kind === 'ack' ? { ...one, outcome: { kind: 'ack' } } : one)),
        )
      },
    }),
  ],
  [
    'forgets follow-ups',
    'follow-up: they go out with the ack',
    mapOutcomes((o) => (o.kind === 'ack' ? { kind: 'ack', result: o.result } : o)),
  ],
  [
    'forgets progress',
    'lookup: progress of a running job is kept, the last of it',
    () => ({ progress: async () => undefined }),
  ],
  [
    'cancels whatever',
    'lookup: what has ended, or never was, cannot be cancelled',
    (broker) => ({
      cancel: async (id) => {
        await broker.cancel(id)
        return true
      },
    }),
  ],
  ['cancels nothing', 'lookup: a queued job that is cancelled never runs', () => ({ cancel: async () => true })],
  [
    'pauses nothing',
    'queue: a paused queue takes jobs and hands none out, until it is resumed',
    () => ({ pause: async () => undefined }),
  ],
  ['pauses for good', 'wait: a resumed queue wakes who waits', () => ({ resume: async () => undefined })],
  [
    'knows no age',
    'queue: the oldest age is that of the due job that waits longest',
    (broker) => ({
      stats: async (queues) => (await broker.stats(queues)).map((stats) => ({ ...stats, oldestAgeMs: 0 })),
    }),
  ],
  [
    'leaves out unknown queues',
    'queue: figures come for every queue asked for, in order, known or not',
    (broker) => ({
      stats: async (queues) => (await broker.stats(queues)).filter((stats) => stats.ready + stats.active > 0),
    }),
  ],
  [
    'lists the oldest first',
    'dead letter: pages come newest first and miss nothing',
    (broker) => ({
      deadLetters: {
        ...broker.deadLetters,
        list: async (options) => {
          const page = await broker.deadLetters.list(options)
          return { ...page, items: [...page.items].reverse() }
        },
      },
    }),
  ],
  [
    'redrives as new jobs',
    'dead letter: a redriven job starts anew under its id',
    (broker) => ({
      deadLetters: {
        ...broker.deadLetters,
        redrive: async (which) => {
          const { items } = await broker.deadLetters.list()
          const chosen = items.filter((letter) => 'queue' in which || which.ids.includes(letter.id))
          await broker.deadLetters.discard(which)
          for (const { name, queue, priority, payload } of chosen) {
            await broker.send([{ name, queue, priority, delayMs: 0, text: (payload as { text: string }).text }])
          }
          return chosen.length
        },
      },
    }),
  ],
  [
    'discards nothing',
    'dead letter: a discarded one is gone',
    (broker) => ({ deadLetters: { ...broker.deadLetters, discard: async () => 1 } }),
  ],
  [
    'does not end waits',
    'lifecycle: dispose ends every wait with nothing',
    () => ({ [Symbol.asyncDispose]: async () => undefined }),
  ],
  [
    'goes on after dispose',
    'lifecycle: after dispose every call fails with a coded error',
    () => ({ [Symbol.asyncDispose]: async () => undefined }),
  ],
]

describe('brokerCases notices a broker that', () => {
  it.concurrent.each(sabotage)('%s', async (_, caught, change) => {
    const names = brokerCases(createMemoryBroker).map((c) => c.name)
    expect(names).toContain(caught)
    expect(await failing(change, (name) => name === caught)).toEqual([caught])
  })
})
