import { createApp, defineJob, type Handler, JobSettledError, type Outcome } from '@isobar/core'
import { type JobReport, runJob } from '@isobar/core/testing'
import { DelayedError, type Job, type Processor, RateLimitError, UnrecoverableError, WaitingError } from 'bullmq'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { type BullMQProcessor, type FromBullMQOptions, fromBullMQ } from './from-bullmq.ts'
import type { ProcessorJob } from './processor-job.ts'

const receipt = defineJob<{ order: number }>({ name: 'receipt.send', queue: 'receipts', retry: { attempts: 3 } })

function run(
  processor: BullMQProcessor<ProcessorJob<{ order: number }>>,
  { attempt, signal, ...options }: FromBullMQOptions & { attempt?: number; signal?: AbortSignal } = {},
): Promise<JobReport> {
  const app = createApp().on(receipt, fromBullMQ(processor, options))
  const data = { order: 7 }
  return runJob(app, receipt, data, { id: '42', ...(attempt && { attempt }), ...(signal && { signal }) })
}

async function fail(error: unknown): Promise<Outcome> {
  const { outcome } = await run(() => Promise.reject(error))
  return outcome
}

describe('fromBullMQ', () => {
  it('calls the processor as BullMQ does, and answers with what it does', async () => {
    const calls: unknown[][] = []
    const { outcome } = await run(
      async (...args) => {
        calls.push(args)
        return { of: args[0].data.order, name: args[0].name }
      },
      { attempt: 2, opts: { attempts: 3 } },
    )
    expect(outcome).toEqual({ kind: 'ack', result: { of: 7, name: 'receipt.send' } })
    expect(calls).toEqual([
      [
        expect.objectContaining({
          id: '42',
          name: 'receipt.send',
          queueName: 'receipts',
          attemptsMade: 1,
          attemptsStarted: 2,
          opts: { attempts: 3 },
          priority: 1_024,
          timestamp: expect.any(Number),
          processedOn: expect.any(Number),
          token: 'isobar:42',
        }),
        'isobar:42',
      ],
    ])
  })

  it('knows a job by the id that BullMQ gave it', async () => {
    const app = createApp().on(
      receipt,
      fromBullMQ((job) => job.id),
    )
    const { outcome } = await runJob(app, receipt, { order: 7 }, { id: 'receipts:17' })
    expect(outcome).toMatchObject({ kind: 'ack', result: '17' })
  })

  it('passes progress and logs on', async () => {
    const seen: unknown[] = []
    const { progress, logs } = await run(async (job) => {
      await job.updateProgress(50)
      await job.updateProgress({ step: 'sent' })
      seen.push(job.progress, await job.log('one'), await job.log('two'))
    })
    expect(progress).toEqual([50, { step: 'sent' }])
    expect(logs).toMatchObject([
      { level: 'info', message: 'one' },
      { level: 'info', message: 'two' },
    ])
    expect(seen).toEqual([{ step: 'sent' }, 1, 2])
  })

  it('gives the signal of the job to a processor that takes one', async () => {
    const controller = new AbortController()
    const { outcome } = await run(
      async (_job, _token, signal) => {
        await null
        controller.abort()
        signal?.throwIfAborted()
      },
      { signal: controller.signal },
    )
    expect(outcome).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
  })

  it('fails an attempt with what the processor throws, at once or later', async () => {
    const error = new Error('no mailbox')
    await expect(fail(error)).resolves.toMatchObject({ kind: 'retry', error })
    const atOnce = await run(() => {
      throw error
    })
    expect(atOnce.outcome).toMatchObject({ kind: 'retry', error })
    const last = await run(() => Promise.reject(error), { attempt: 3 })
    expect(last.outcome).toMatchObject({ kind: 'dead', reason: 'exhausted', error })
  })

  it('takes an UnrecoverableError for dead at once: of any copy of BullMQ, and what is made of it', async () => {
    class NoSuchOrder extends UnrecoverableError {}
    const copy = Object.assign(new Error('gone'), { name: 'UnrecoverableError' })
    for (const cause of [new UnrecoverableError('gone'), new NoSuchOrder('gone'), copy]) {
      const outcome = await fail(cause)
      expect(outcome).toMatchObject({ kind: 'dead', reason: 'unrecoverable', error: { message: 'gone', cause } })
    }
  })

  it('puts back, uncharged, what was moved to be delayed', async () => {
    const { outcome } = await run(async (job) => {
      await job.moveToDelayed(Date.now() + 60_000, job.token)
      throw new DelayedError()
    })
    expect(outcome).toMatchObject({ kind: 'release' })
    const { delayMs } = outcome as Extract<Outcome, { kind: 'release' }>
    expect(delayMs).toBeGreaterThan(30_000)
    expect(delayMs).toBeLessThanOrEqual(60_000)
  })

  it.each([
    ['to wait', (job: ProcessorJob) => job.moveToWait(job.token)],
    ['to a time that has passed', (job: ProcessorJob) => job.moveToDelayed(0)],
    ['to a time that is none', (job: ProcessorJob) => job.moveToDelayed(Number.NaN)],
  ])('puts back at once, uncharged, what was moved %s', async (_, move) => {
    const { outcome } = await run(async (job) => {
      await move(job)
      throw new WaitingError()
    })
    expect(outcome).toMatchObject({ kind: 'release', delayMs: 0 })
  })

  it('keeps to the move whatever the processor does then, and says what it hides', async () => {
    const returned = await run(async (job) => {
      await job.moveToWait()
      return 'unheard'
    })
    expect(returned.outcome).toMatchObject({ kind: 'release', delayMs: 0 })
    const threw = await run(async (job) => {
      await job.moveToWait()
      throw new TypeError('x is not a function')
    })
    expect(threw.outcome).toMatchObject({ kind: 'release', delayMs: 0 })
    expect(threw.logs).toMatchObject([{ level: 'warn', fields: { error: 'x is not a function' } }])
  })

  it('charges a job that was said to be moved and was not, with what to do', async () => {
    await expect(fail(new DelayedError())).resolves.toMatchObject({
      kind: 'retry',
      error: {
        code: 'NOT_MOVED',
        message:
          'job receipt.send (id 42, queue receipts) threw DelayedError and was not moved; await job.moveToDelayed(timestamp, token) first',
      },
    })
    await expect(fail(new WaitingError())).resolves.toMatchObject({ kind: 'retry', error: { code: 'NOT_MOVED' } })
  })

  it('puts back for a while, uncharged, what reached a rate limit', async () => {
    await expect(fail(new RateLimitError())).resolves.toMatchObject({ kind: 'release', delayMs: 1_000 })
    const { outcome } = await run(() => Promise.reject(new RateLimitError()), { rateLimitMs: 250 })
    expect(outcome).toMatchObject({ kind: 'release', delayMs: 250 })
  })

  it('refuses what is no function', () => {
    expect(() => fromBullMQ('./processor.js' as never)).toThrow(
      'fromBullMQ was given string; give it the processor: the default export of its file',
    )
    expect(() => fromBullMQ(null as never)).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})

describe('the job of a processor', () => {
  it('is active, and its lock is held', async () => {
    await run(async (job) => {
      expect(await job.extendLock(job.token, 30_000)).toBe(1)
      expect(await job.getState()).toBe('active')
      expect(await job.isActive()).toBe(true)
      for (const state of ['isCompleted', 'isFailed', 'isDelayed', 'isWaiting', 'isWaitingChildren'] as const)
        expect(await job[state]()).toBe(false)
    }).then(({ outcome }) => expect(outcome).toEqual({ kind: 'ack' }))
  })

  it('is written as JSON with its data and without its methods', async () => {
    const { outcome } = await run((job) => JSON.parse(JSON.stringify(job)))
    expect(outcome).toMatchObject({ kind: 'ack', result: { id: '42', data: { order: 7 }, attemptsMade: 0 } })
  })

  it.each([
    'updateData',
    'moveToWaitingChildren',
    'getChildrenValues',
    'remove',
    'retry',
    'promote',
    'changeDelay',
    'changePriority',
    'moveToCompleted',
    'moveToFailed',
    'waitUntilFinished',
    'clearLogs',
  ] as const)('says what to do in the place of %s', async (call) => {
    const processor: Processor = (job) => (job as unknown as Record<string, () => Promise<unknown>>)[call]?.() as never
    const { outcome } = await runJob(createApp().on(receipt, fromBullMQ(processor)), receipt, { order: 7 })
    expect(outcome).toMatchObject({ kind: 'retry', error: { name: 'ProcessorJobError', code: 'UNSUPPORTED' } })
    expect((outcome as { error: Error }).error.message).toMatch(
      new RegExp(`^job\\.${call}\\(\\) of job receipt\\.send \\(id test, queue receipts\\) needs .+; .{8,}`),
    )
  })

  it('has every method that a job of BullMQ has for processors', async () => {
    // Of the kind that take a queue in hand, which a processor never has.
    const inner = ['constructor', 'createBackend', 'validateOptions', 'updateStacktrace', 'asJSON', 'asJSONSandbox']
    const privates = ['shouldRetryJob', 'getSpanOperation', 'recordJobMetrics', 'isInState', 'setSpanJobAttributes']
    const { Job: RealJob } = await import('bullmq')
    const theirs = Object.entries(Object.getOwnPropertyDescriptors(RealJob.prototype))
      .filter(([, { value }]) => typeof value === 'function')
      .map(([name]) => name)
    const missing: string[] = []
    await run((job) => {
      for (const name of theirs) if (!(name in job)) missing.push(name)
    })
    expect(missing.filter((name) => ![...inner, ...privates].includes(name))).toEqual(['toFlowEntry'])
  })

  it('holds nothing of a job that has settled', async () => {
    const kept: ProcessorJob[] = []
    await run((job) => void kept.push(job))
    const [job] = kept
    expect(() => job?.data).toThrow(JobSettledError)
    await expect(job?.updateProgress(1)).rejects.toThrow(JobSettledError)
    await expect(job?.log('late')).rejects.toThrow(JobSettledError)
  })
})

describe('types', () => {
  it('takes a processor that is typed with BullMQ, and knows its data and result', () => {
    const send: Processor<{ order: number }, { sent: boolean }, 'receipt.send'> = async (job) => ({
      sent: job.data.order > 0,
    })
    expectTypeOf(fromBullMQ(send)).toEqualTypeOf<Handler<{ order: number }, { sent: boolean }>>()
    const whole = async (job: Job<{ order: number }, string>, _token?: string, _signal?: AbortSignal) => String(job.id)
    expectTypeOf(fromBullMQ(whole)).toEqualTypeOf<Handler<{ order: number }, string>>()
    const untyped: Processor = async (job) => job.data
    const app = createApp()
    app.on(receipt, fromBullMQ(untyped))
    const other = defineJob<{ order: string }>({ name: 'other' })
    // @ts-expect-error the data of the job type is not what the processor takes
    app.on(other, fromBullMQ(send))
  })

  it('gives a processor that is not typed the job that it gets', () => {
    fromBullMQ((job) => expectTypeOf(job).toEqualTypeOf<ProcessorJob>())
    // @ts-expect-error what isobar's job refuses is no method of it
    fromBullMQ((job) => job.moveToFailed(new Error('no'), ''))
  })
})
