import { describe, expect, expectTypeOf, it } from 'vitest'
import type { HandlerJob } from '../replay/contract.ts'
import { fromBullmq, StandInError, StandInJob } from './bullmq.ts'

const job: HandlerJob = { id: '7', name: 'receipt.send', data: { order: 7 }, attempt: 3 }
const options = { queueName: 'receipts', opts: { attempts: 5, delay: 100, priority: 2 } }
const standIn = (): StandInJob => new StandInJob(job, options)

describe('fromBullmq', () => {
  it('calls the processor as BullMQ does, and answers with what it does', async () => {
    const calls: unknown[][] = []
    const handler = fromBullmq((...args) => {
      calls.push(args)
      return args[0].data.order
    })
    await expect(handler(job)).resolves.toBe(7)
    const [[given, token, signal] = []] = calls
    expect(given).toBeInstanceOf(StandInJob)
    expect(given).toMatchObject({ queueName: 'leak-harness', opts: { attempts: 0 }, token })
    expect(token).toBe('leak-harness:7')
    expect(signal).toMatchObject({ aborted: false })
  })

  it('gives each call a job, data and signal of its own', async () => {
    const seen: [StandInJob, unknown, AbortSignal | undefined][] = []
    const handler = fromBullmq(async (given, _token, signal) => {
      seen.push([given, given.data, signal])
    })
    await handler(job)
    await handler(job)
    for (const i of [0, 1, 2]) expect(seen[0]?.[i]).not.toBe(seen[1]?.[i])
    expect(seen[0]?.[1]).not.toBe(job.data)
  })

  it.each(['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError'])(
    'takes a job given back by %s for no failure',
    async (name) => {
      const handler = fromBullmq(async (given) => {
        await given.moveToDelayed(Date.now() + 1_000, given.token)
        throw Object.assign(new Error('moved'), { name })
      })
      await expect(handler(job)).resolves.toBeUndefined()
    },
  )

  it('fails with what the processor throws, at once or later', async () => {
    const error = new Error('no mailbox')
    await expect(fromBullmq(() => Promise.reject(error))(job)).rejects.toBe(error)
    await expect(
      fromBullmq(() => {
        throw error
      })(job),
    ).rejects.toBe(error)
  })

  it('refuses what is no function', () => {
    expect(() => fromBullmq({} as never)).toThrow('fromBullmq was given a value of type object; give it the processor')
    expect(() => fromBullmq(null as never)).toThrow('fromBullmq was given null')
  })

  it('takes a processor that is typed with BullMQ', () => {
    class Job<Data> {
      declare data: Data
      declare protected queue: object
    }
    const processor = async (given: Job<{ to: string }>, _token?: string, _signal?: AbortSignal): Promise<string> =>
      given.data.to
    expectTypeOf(fromBullmq(processor)).toEqualTypeOf<(job: HandlerJob) => Promise<unknown>>()
    fromBullmq((given) => expectTypeOf(given).toEqualTypeOf<StandInJob>())
  })
})

describe('the stand-in job', () => {
  it('has the fields of an active job', () => {
    expect(standIn()).toMatchObject({
      id: '7',
      name: 'receipt.send',
      data: { order: 7 },
      opts: { attempts: 5, delay: 100, priority: 2 },
      progress: 0,
      returnvalue: null,
      returnValue: {},
      stacktrace: null,
      delay: 100,
      priority: 2,
      timestamp: expect.any(Number),
      processedOn: expect.any(Number),
      attemptsMade: 2,
      attemptsStarted: 3,
      stalledCounter: 0,
      token: 'leak-harness:7',
      processedBy: undefined,
      parent: undefined,
      parentKey: undefined,
      queueName: 'receipts',
      queueQualifiedName: 'bull:receipts',
      prefix: 'bull',
    })
    expect(new StandInJob({ ...job, data: undefined }, options).data).toEqual({})
  })

  it('keeps the progress and the data for as long as it lives, the data as JSON would have it', async () => {
    const given = standIn()
    await given.updateProgress({ step: 2 })
    expect(given.progress).toEqual({ step: 2 })
    const data = { at: new Date(0) }
    await given.updateData(data)
    expect(given.data).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    const { updateData, log } = given
    await updateData(1)
    expect(given.data).toBe(1)
    await expect(log('alone')).resolves.toBe(1)
  })

  it('counts the rows of its log', async () => {
    const given = standIn()
    await expect(given.log('one')).resolves.toBe(1)
    await expect(given.log('two')).resolves.toBe(2)
    await given.clearLogs(1)
    await expect(given.log('three')).resolves.toBe(2)
    await given.clearLogs()
    await expect(given.log('four')).resolves.toBe(1)
  })

  it('is active and holds its lock', async () => {
    const given = standIn()
    await expect(given.extendLock(given.token, 30_000)).resolves.toBe(1)
    await expect(given.getState()).resolves.toBe('active')
    await expect(given.isActive()).resolves.toBe(true)
    for (const state of ['isCompleted', 'isFailed', 'isDelayed', 'isWaiting', 'isWaitingChildren'] as const)
      await expect(given[state]()).resolves.toBe(false)
  })

  it('can be given back', async () => {
    const given = standIn()
    await expect(given.moveToDelayed(Date.now(), given.token)).resolves.toBeUndefined()
    await expect(given.moveToWait(given.token)).resolves.toBe(0)
    await expect(given.moveToWaitingChildren(given.token, {})).resolves.toBe(false)
  })

  it('has no parent, children or deduplication key', async () => {
    const given = standIn()
    await expect(given.getChildrenValues()).resolves.toEqual({})
    await expect(given.getIgnoredChildrenFailures()).resolves.toEqual({})
    await expect(given.getFailedChildrenValues()).resolves.toEqual({})
    await expect(given.getDependencies()).resolves.toEqual({ processed: {}, unprocessed: [] })
    const none = { processed: 0, unprocessed: 0, ignored: 0, failed: 0 }
    await expect(given.getDependenciesCount()).resolves.toEqual(none)
    await expect(given.getDependenciesCount({ failed: true, processed: false })).resolves.toEqual({ failed: 0 })
    await expect(given.removeUnprocessedChildren()).resolves.toBeUndefined()
    await expect(given.removeChildDependency()).resolves.toBe(false)
    await expect(given.removeDeduplicationKey()).resolves.toBe(false)
  })

  it('is written as JSON without its methods', () => {
    const json = JSON.parse(JSON.stringify(standIn()))
    expect(json).toMatchObject({ id: '7', data: { order: 7 }, attemptsMade: 2 })
    expect(standIn().asJSON()).toMatchObject({ id: '7', data: '{"order":7}', returnvalue: 'null', opts: options.opts })
    expect(standIn().asJSONSandbox()).toMatchObject({ queueName: 'receipts', queueQualifiedName: 'bull:receipts' })
  })

  it.each([
    ['job.remove()', (given: StandInJob) => given.remove()],
    ['job.retry()', (given: StandInJob) => given.retry()],
    ['job.promote()', (given: StandInJob) => given.promote()],
    ['job.changeDelay()', (given: StandInJob) => given.changeDelay(1)],
    ['job.changePriority()', (given: StandInJob) => given.changePriority({ priority: 1 })],
    ['job.moveToCompleted()', (given: StandInJob) => given.moveToCompleted(1, given.token)],
    ['job.moveToFailed()', (given: StandInJob) => given.moveToFailed(new Error('no'), given.token)],
    ['job.waitUntilFinished()', (given: StandInJob) => given.waitUntilFinished({})],
    ['job.addJob()', (given: StandInJob) => given.addJob({})],
    ['job.queue', async (given: StandInJob) => given.queue],
    ['job.backend', async (given: StandInJob) => given.backend],
  ])('says that %s needs Redis', async (what, call) => {
    const error = await call(standIn()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StandInError)
    expect(error).toMatchObject({ code: 'STAND_IN' })
    expect((error as Error).message).toMatch(`${what} needs a queue in Redis, and the job here is a stand-in`)
  })
})
