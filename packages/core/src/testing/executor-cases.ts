import type { Delivery, JobSpec, Outcome, StoredJob } from '../broker.ts'
import { ShutdownError } from '../errors.ts'
import type { ExecuteOptions, Executor, Running } from '../executor.ts'
import { JobCanceledError, LeaseLostError } from '../lost-errors.ts'
import { check, equal } from './assert.ts'
import type { ExecutorJobName } from './executor-app.ts'

/** One case of the conformance suite of executors, for any test runner. */
export interface ExecutorCase {
  readonly name: string
  /** Rejects when the executor breaks the contract. Makes an executor of its own and disposes it. */
  run(): Promise<void>
}

/** Makes an executor of the app of `createExecutorApp` that runs at most four jobs at once. */
export type CreateExecutor = () => Promise<Executor> | Executor

/** Jobs at once, in the executors of this suite. */
const SIZE = 4

type Case = (t: CaseContext) => Promise<void>

/** Starts jobs in an executor. */
class CaseContext {
  readonly executor: Executor
  #last = 0

  constructor(executor: Executor) {
    this.executor = executor
  }

  start(name: ExecutorJobName | 'no such job', job: Partial<StoredJob> = {}, options?: ExecuteOptions): Running {
    const delivery: Delivery = {
      job: {
        id: `job-${++this.#last}`,
        name,
        queue: 'default',
        priority: 'normal',
        attempt: 1,
        crashes: 0,
        enqueuedAt: 1_700_000_000_000,
        dueAt: Date.now(),
        payload: { text: 'null' },
        ...job,
      },
      token: Symbol('a token that only its broker reads'),
      leaseUntil: Date.now() + 60_000,
    }
    return this.executor.start(delivery, options)
  }

  run(...args: Parameters<CaseContext['start']>): Promise<Outcome> {
    return this.start(...args).outcome
  }

  /** Resolves once the executor has told that a handler is at work. */
  async started(running: Running): Promise<void> {
    while (running.startedAt === undefined) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function errorOf(outcome: Outcome): { name?: unknown; message?: unknown; code?: unknown; cause?: unknown } {
  const error = 'error' in outcome ? outcome.error : undefined
  check(error instanceof Error, `expected an outcome with an Error, got ${JSON.stringify(outcome)}`)
  return error
}

const text = (data: unknown): Partial<StoredJob> => ({ payload: { text: JSON.stringify(data) } })

const cases: Readonly<Record<string, Case>> = {
  'runs a job with what its delivery says, and answers with its result': async (t) => {
    const data = { text: 'tab\t, line\n, quote ", ü, 漢, 😀, \u2028', list: [1, null, { deep: true }] }
    const outcome = await t.run('tell', {
      ...text(data),
      ...{ attempt: 2, priority: 'high', tenant: 'acme', trace: '{}', queue: 'q 1' },
    })
    equal(
      outcome,
      {
        kind: 'ack',
        result: {
          data,
          job: {
            id: 'job-1',
            queue: 'q 1',
            priority: 'high',
            attempt: 2,
            enqueuedAt: 1_700_000_000_000,
            tenant: 'acme',
            trace: '{}',
          },
        },
      },
      'outcome',
    )
  },
  'passes data of 900 KB, and text that another program formatted': async (t) => {
    const large = 'x'.repeat(900_000)
    const outcome = await t.run('tell', { payload: { text: `{\n\t"large":\n"${large}"}` } })
    check(outcome.kind === 'ack', 'the job is done')
    equal((outcome.result as { data?: unknown }).data, { large }, 'data')
  },
  'takes data that the broker has decoded': async (t) => {
    const outcome = await t.run('tell', { payload: { value: { decoded: [1] } } })
    equal((outcome as { result?: { data?: unknown } }).result?.data, { decoded: [1] }, 'data')
  },
  'what cannot be read is dead, with its reason': async (t) => {
    const reasonOf = async (payload: StoredJob['payload']): Promise<unknown> => {
      const outcome = await t.run('tell', { payload })
      return outcome.kind === 'dead' && outcome.reason
    }
    equal(await reasonOf({ text: '{ not JSON' }), 'unreadable', 'text that is not JSON')
    equal(await reasonOf({ text: '{"__proto__":1}' }), 'invalid', 'a dangerous key')
    const bytes = new Uint8Array([0, 255, 10, 9])
    equal(await reasonOf({ bytes, problem: 'it is no envelope' }), 'unreadable', 'bytes')
    equal(await reasonOf({ bytes, problem: 'it is too large', oversized: true }), 'oversized', 'too many bytes')
  },
  'a job that nobody handles is released': async (t) => {
    const outcome = await t.run('no such job')
    check(outcome.kind === 'release' && (outcome.delayMs ?? 0) > 0, 'released, with a delay')
    equal(errorOf(outcome).code, 'UNKNOWN_JOB', 'code')
  },
  'a failure is tried again, its error told with code, stack and cause': async (t) => {
    const outcome = await t.run('throw')
    check(outcome.kind === 'retry' && outcome.delayMs === 70, 'a retry with the delay of its job type')
    const { name, message, code, cause } = errorOf(outcome)
    equal([name, message, code], ['TypeError', 'it failed', 'E_CODE'], 'error')
    check(cause instanceof Error && cause.message === 'the cause' && cause.name === 'RangeError', 'its cause')
    // A place in whatever file the app is part of: bundles have one for all.
    check(/:\d+:\d+/.test(String((errorOf(outcome) as { stack?: unknown }).stack)), 'its stack says where')
  },
  'a failure of the last attempt is dead': async (t) => {
    const outcome = await t.run('throw', { attempt: 3 })
    check(outcome.kind === 'dead' && outcome.reason === 'exhausted', 'dead, exhausted')
  },
  'what a handler throws to decide outright is done': async (t) => {
    const unrecoverable = await t.run('throw', text('unrecoverable'))
    check(unrecoverable.kind === 'dead' && unrecoverable.reason === 'unrecoverable', 'dead, unrecoverable')
    const after = await t.run('throw', text('retry after'))
    check(after.kind === 'retry' && after.delayMs === 5_000, 'a retry after the delay it named')
    const release = await t.run('throw', text('release'))
    check(release.kind === 'release' && release.delayMs === 6_000, 'released, for the delay it named')
    equal(errorOf(await t.run('throw', text('undefined'))).code, 'THROWN_VALUE', 'code of a thrown undefined')
  },
  'follow-ups go with the ack, as they were asked for': async (t) => {
    const outcome = await t.run('follow')
    const spec = { name: 'child', queue: 'children', priority: 'normal', delayMs: 0 }
    const first: JobSpec = { ...spec, priority: 'normal', text: '{"n":1}' }
    const second: JobSpec = { ...spec, priority: 'high', text: '{"n":2}', delayMs: 60_000, key: 'k', tenant: 'acme' }
    const enqueue = [first, { ...second, dedupe: { mode: 'alive' } }]
    // As JSON: what is not said may be undefined, or not there.
    equal(JSON.parse(JSON.stringify(outcome)), { kind: 'ack', result: 'followed', enqueue }, 'outcome')
  },
  'follow-ups carry on the trace context of their job': async (t) => {
    const trace = '{"traceparent":"00-1-2-01"}'
    const outcome = await t.run('follow', { trace })
    check(outcome.kind === 'ack', 'the job is done')
    equal(
      outcome.enqueue?.map((spec) => spec.trace),
      [trace, trace],
      'trace contexts of the follow-ups',
    )
  },
  'what is sent at once goes to the sender, and its answer back': async (t) => {
    const sent: JobSpec[] = []
    const send = async (specs: readonly JobSpec[]) => {
      sent.push(...specs)
      return specs.map(() => ({ id: 'child-1', duplicate: true }))
    }
    const outcome = await t.run('send now', {}, { sender: { send } })
    equal(outcome, { kind: 'ack', result: { id: 'child-1', duplicate: true } }, 'outcome')
    equal(
      sent.map((spec) => spec.text),
      ['{"n":3}'],
      'what was sent',
    )
    const failing = { send: () => Promise.reject(Object.assign(new Error('away'), { code: 'AWAY' })) }
    equal(errorOf(await t.run('send now', {}, { sender: failing })).code, 'AWAY', "the sender's error")
  },
  'the last progress arrives, before the outcome': async (t) => {
    const told: unknown[] = []
    await t.run('progress', {}, { progress: (value) => told.push(value) })
    equal(told.at(-1), { step: 'last' }, 'the last of it')
    check(told.length <= 101, 'not more than was said')
  },
  'a result that is not JSON does not lose the ack': async (t) => {
    const outcome = await t.run('odd result')
    equal(outcome.kind, 'ack', 'outcome')
  },
  'an abort reaches the handler with its reason, and the outcome is a release': async (t) => {
    for (const Reason of [ShutdownError, LeaseLostError, JobCanceledError]) {
      const running = t.start('wait')
      await t.started(running)
      const reason = new Reason({ id: 'x', name: 'wait' })
      running.abort(reason)
      running.abort(reason)
      const outcome = await running.outcome
      equal(outcome.kind, 'release', `outcome after ${reason.code}`)
      equal(errorOf(outcome).code, reason.code, 'code')
      running.abort(reason)
    }
  },
  'a handler that does not end when aborted is given up after the grace': async (t) => {
    const running = t.start('deaf')
    await t.started(running)
    running.abort(new ShutdownError({ id: 'x', name: 'deaf' }), 30)
    const outcome = await running.outcome
    equal([outcome.kind, errorOf(outcome).code], ['release', 'SHUTDOWN'], 'outcome')
  },
  'a timeout is a charged failure': async (t) => {
    const outcome = await t.run('timeout')
    equal([outcome.kind, errorOf(outcome).code], ['retry', 'JOB_TIMEOUT'], 'outcome')
  },
  'takes no more than it says, and says when it takes more': async (t) => {
    const { executor } = t
    equal(executor.size, SIZE, 'size')
    const runs: Running[] = []
    while (executor.free() > 0 && runs.length < 1_000) runs.push(t.start('deaf', text(50)))
    check(runs.length >= SIZE, `it takes ${SIZE} at once`)
    check(runs.length < 1_000, 'it takes no end of jobs')
    equal(executor.free(), 0, 'free slots')
    equal(executor.health().running, runs.length, 'running')
    for (const { outcome } of runs) equal((await outcome).kind, 'ack', 'outcome')
    check(executor.free() >= SIZE, 'free slots afterwards')
    equal([executor.health().running, executor.healthy], [0, true], 'running afterwards')
  },
  'hooks that fire outside do not disturb it': async (t) => {
    const job: StoredJob = { ...(await deliveryOf(t)), payload: { bytes: new Uint8Array([1]), problem: 'p' } }
    t.executor.emit('dead', { job, error: new Error('e'), reason: 'exhausted' })
    t.executor.emit('drain', { workerId: 'w', running: 0 })
    t.executor.emit('stop', { workerId: 'w' })
  },
  'can be disposed twice, also at once': async ({ executor }) => {
    await Promise.all([executor[Symbol.asyncDispose](), executor[Symbol.asyncDispose]()])
  },
}

async function deliveryOf(t: CaseContext): Promise<StoredJob> {
  await t.run('tell')
  return {
    id: 'x',
    name: 'tell',
    queue: 'default',
    priority: 'low',
    attempt: 1,
    crashes: 0,
    enqueuedAt: 0,
    dueAt: 0,
    payload: { text: 'null' },
  }
}

/**
 * The conformance suite of executors: what a worker relies on, whatever handlers run in.
 *
 * @example
 * for (const c of executorCases(() => inProcess(createExecutorApp(), { concurrency: 4 }))) test(c.name, c.run)
 */
export function executorCases(create: CreateExecutor): readonly ExecutorCase[] {
  return Object.entries(cases).map(([name, run]) => ({
    name,
    async run() {
      const executor = await create()
      try {
        await run(new CaseContext(executor))
      } finally {
        await executor[Symbol.asyncDispose]()
      }
    },
  }))
}
