import type { Broker } from '../broker.ts'
import { OptionError } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { check } from './assert.ts'
import { WorkerCaseContext, type WorkerCaseOptions, type WorkerCaseSpec, type WorkerTopic } from './worker/context.ts'
import { drainCases } from './worker/drain-cases.ts'
import { faultCases } from './worker/fault-cases.ts'
import { leaseCases } from './worker/lease-cases.ts'
import { orderCases } from './worker/order-cases.ts'
import { outcomeCases } from './worker/outcome-cases.ts'

export type { WorkerCaseOptions } from './worker/context.ts'

/** One case of the conformance suite of workers, for any test runner. */
export interface WorkerCase {
  /** `topic: what must hold`; unique in the suite. */
  readonly name: string
  /** Rejects when the worker breaks what is promised. Makes a broker and an executor of its own and disposes them. */
  run(): Promise<void>
}

/** What stands under a worker. */
export interface WorkerParts {
  readonly broker: Broker
  /** Of the app of `createWorkerApp`, at most four jobs at once. */
  readonly executor: Executor
}

/** Makes a broker and an executor for one case. */
export type CreateWorkerParts = () => Promise<WorkerParts> | WorkerParts

/** What the suite asks a broker for, to see what became of jobs. */
const NEEDS = ['delay', 'extend', 'dedupe', 'deadLetter', 'stats', 'lookup'] as const

const topics: Readonly<Record<string, WorkerTopic>> = {
  outcome: outcomeCases,
  drain: drainCases,
  lease: leaseCases,
  order: orderCases,
  fault: faultCases,
}

/**
 * The conformance suite of workers: what isobar promises of a worker, on the broker and the executor at hand, as cases
 * for any test runner. It runs in real time. Cases use queues of their own, so that they may share a server, also at
 * once. The broker must be able to delay, extend, dedupe, look up, tell figures and keep dead letters: a case on another
 * one fails and says so.
 *
 * @example
 * const create = () => ({ broker: postgres(url), executor: inProcess(createWorkerApp(), { concurrency: 4 }) })
 * for (const c of workerCases(create)) test(c.name, c.run)
 *
 * @throws {OptionError} for options that are not positive.
 */
export function workerCases(create: CreateWorkerParts, options: WorkerCaseOptions = {}): readonly WorkerCase[] {
  const settings = { leaseMs: 1_500, patienceMs: 10_000, ...options }
  if (!(settings.leaseMs > 0 && settings.patienceMs > 0))
    throw new OptionError('leaseMs and patienceMs of workerCases must be above 0')
  return Object.entries(topics).flatMap(([topic, cases]) =>
    Object.entries(cases).map(([name, spec]) => ({
      name: `${topic}: ${name}`,
      run: () => runCase(spec, create, settings),
    })),
  )
}

async function runCase(
  spec: WorkerCaseSpec,
  create: CreateWorkerParts,
  settings: Required<WorkerCaseOptions>,
): Promise<void> {
  const { broker, executor } = await create()
  const t = new WorkerCaseContext(broker, executor, settings)
  try {
    const missing = NEEDS.filter((ability) => !broker.can[ability])
    check(missing.length === 0, `the suite of workers needs a broker whose can says ${missing.join(', ')}`)
    await spec(t)
  } finally {
    await t.end()
    await executor[Symbol.asyncDispose]()
    await broker[Symbol.asyncDispose]()
  }
}
