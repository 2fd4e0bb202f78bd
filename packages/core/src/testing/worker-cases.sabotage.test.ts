import { expect, test } from 'vitest'
import type { Broker, Delivery, Outcome } from '../broker.ts'
import type { Executor } from '../executor.ts'
import { createMemoryBroker } from '../memory/index.ts'
import { inProcess } from '../worker/in-process.ts'
import { override } from './override.ts'
import { createWorkerApp } from './worker-app.ts'
import { workerCases } from './worker-cases.ts'

type Change<Part> = (part: Part) => Partial<Part>

/** A fault between a worker and its broker or its executor, and the cases that must notice. */
interface Sabotage {
  readonly caught: readonly string[]
  readonly broker?: Change<Broker>
  readonly executor?: Change<Executor>
  readonly concurrency?: number
}

const mapReceived =
  (map: (deliveries: readonly Delivery[]) => readonly Delivery[]): Change<Broker> =>
  (broker) => ({ receive: async (want) => map(await broker.receive(want)) })

const mapReported =
  (map: (outcome: Outcome) => Outcome): Change<Broker> =>
  (broker) => ({ settle: (done) => broker.settle(done.map((one) => ({ ...one, outcome: map(one.outcome) }))) })

const mapOutcomes =
  (map: (outcome: Outcome) => Outcome): Change<Executor> =>
  (executor) => ({
    start: (delivery, options) => {
      const running = executor.start(delivery, options)
      return override(running, { outcome: running.outcome.then(map) })
    },
  })

const error = new Error('sabotage')

const sabotage: Readonly<Record<string, Sabotage>> = {
  'hands every job out twice': {
    caught: ['outcome: every job is done once, and counted'],
    broker: mapReceived((deliveries) => deliveries.flatMap((one) => [one, one])),
  },
  'hears of no ack': {
    caught: ['outcome: every job is done once, and counted'],
    broker: (broker) => ({ settle: (done) => broker.settle(done.filter(({ outcome }) => outcome.kind !== 'ack')) }),
  },
  'receives once only': {
    caught: ['outcome: jobs that come later are done, too'],
    broker: (broker) => {
      let received = 0
      return { receive: (want) => (received++ === 0 ? broker.receive(want) : new Promise(() => {})) }
    },
  },
  'charges no failure': {
    caught: [
      'outcome: a failure is tried again after its delay, and charged',
      'outcome: a timeout is a charged failure',
    ],
    broker: mapReported((o) => (o.kind === 'retry' ? { kind: 'release', delayMs: o.delayMs } : o)),
  },
  'charges what is handed back': {
    caught: [
      'outcome: a job that nobody handles goes back uncharged and not at once, and holds up nobody',
      'outcome: what a handler puts back is not charged, however often',
      'drain: what waits in the worker goes back uncharged',
      'drain: at the deadline running jobs are aborted, and go back uncharged',
      'fault: an executor that fails to start a job gives it back uncharged, and the others run',
    ],
    broker: mapReported((o) => (o.kind === 'release' ? { kind: 'retry', delayMs: o.delayMs ?? 0, error } : o)),
  },
  'forgets what is handed back': {
    caught: [
      'drain: nothing claimed is forgotten: what a receive has claimed when it is aborted goes back',
      'drain: a paused one hands back what waits and goes on with what runs; resumed, it does the rest',
    ],
    broker: (broker) => ({ settle: (done) => broker.settle(done.filter(({ outcome }) => outcome.kind !== 'release')) }),
  },
  'has no dead letters': {
    caught: [
      'outcome: a job whose attempts have all failed is a dead letter that has everything',
      'outcome: what the handler gives up for good is dead at the first attempt',
      'outcome: data that its schema refuses is dead, and holds up nobody',
      'lease: a job that lost too many workers is dead, and not run',
    ],
    broker: mapReported((o) => (o.kind === 'dead' ? { kind: 'ack' } : o)),
  },
  'loses follow-ups': {
    caught: ['outcome: follow-ups go out once, with the ack and not with a failure'],
    broker: mapReported((o) => (o.kind === 'ack' ? { kind: 'ack', result: o.result } : o)),
  },
  'takes follow-ups of those that are lost': {
    caught: ['fault: an answer that is lost on its way repeats nothing'],
    broker: (broker) => ({
      settle: async (done) => {
        const lost = await broker.settle(done)
        for (const { delivery, outcome } of done)
          if (lost.some((one) => one.delivery === delivery) && outcome.kind === 'ack' && outcome.enqueue)
            await broker.send(outcome.enqueue)
        return lost
      },
    }),
  },
  'keeps no progress': {
    caught: ['outcome: progress is kept where the broker can'],
    broker: () => ({ progress: async () => {} }),
  },
  'does not hear that a receive is aborted': {
    caught: ['drain: a stopped one receives no more'],
    broker: (broker) => ({ receive: (want) => broker.receive({ ...want, signal: new AbortController().signal }) }),
  },
  'extends no lease': {
    caught: ['lease: heartbeats keep a job that takes longer than its lease'],
    broker: () => ({ extend: async () => [] }),
  },
  'says of no job that it is lost': {
    caught: [
      'lease: a lost lease aborts its job, and the outcome is thrown away',
      'lease: a job that is cancelled while it runs is aborted at the next heartbeat',
    ],
    broker: (broker) => ({ extend: async (held, leaseMs) => (await broker.extend(held, leaseMs)).slice(0, 0) }),
  },
  'counts no crashes': {
    caught: ['lease: a job that lost too many workers is dead, and not run'],
    broker: mapReceived((all) => all.map((one) => ({ ...one, job: { ...one.job, crashes: 0 } }))),
  },
  'hands jobs out in another order': {
    caught: ['order: urgent jobs start first', 'order: queues are read in the order in which they are named'],
    broker: mapReceived((deliveries) => [...deliveries].reverse()),
  },
  'ignores the limit of a queue': {
    caught: ['order: a queue keeps its limit, and holds up no other'],
    broker: (broker) => ({
      receive: (want) => broker.receive({ ...want, queues: want.queues.map((queue) => ({ ...queue, max: want.max })) }),
    }),
  },
  'runs fewer jobs at once': {
    caught: ['order: no more run at once than the executor has room for, and no fewer'],
    concurrency: 3,
  },
  'runs more jobs at once': {
    caught: ['order: no more run at once than the executor has room for, and no fewer'],
    executor: (executor) => ({ size: 8, free: () => executor.free() + 4 }),
  },
  'charges no timeout': {
    caught: ['outcome: a timeout is a charged failure'],
    executor: mapOutcomes((o) => (o.kind === 'retry' ? { kind: 'release', delayMs: o.delayMs } : o)),
  },
  'says of what is done that it was put back': {
    caught: ['drain: running jobs end within the grace'],
    executor: mapOutcomes((o) => (o.kind === 'ack' ? { kind: 'release' } : o)),
  },
  'takes another job for one that it was to start': {
    caught: ['outcome: every job is done once, and counted'],
    executor: (executor) => ({
      start: (delivery, options) =>
        executor.start({ ...delivery, job: { ...delivery.job, payload: { text: '0' } } }, options),
    }),
  },
}

/** How a case ends on a broker and an executor with a fault. */
async function run(name: string, { broker, executor, concurrency = 4 }: Sabotage): Promise<string> {
  const create = () => {
    const parts = {
      broker: createMemoryBroker() as Broker,
      executor: inProcess(createWorkerApp(), { concurrency }) as Executor,
    }
    return {
      broker: broker ? override(parts.broker, broker(parts.broker)) : parts.broker,
      executor: executor ? override(parts.executor, executor(parts.executor)) : parts.executor,
    }
  }
  const found = workerCases(create, { patienceMs: 1_500 }).find((one) => one.name === name)
  if (!found) return 'there is no such case'
  return found.run().then(
    () => 'passed',
    (thrown: { code?: unknown }) => String(thrown.code),
  )
}

const faults = Object.entries(sabotage).flatMap(([what, fault]) =>
  fault.caught.map((name) => [what, name, fault] as const),
)

test.concurrent.each(faults)('what %s is noticed by "%s"', async (_, name, fault) => {
  expect(await run(name, fault)).toBe('CONFORMANCE')
})
