import { setTimeout as delay } from 'node:timers/promises'
import { createApp, defineJob, type JobContext, RetryAfter } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { runJob } from '@isobar/core/testing'
import { createWorker, inProcess } from '@isobar/core/worker'
import { trace } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openReceiver, type ReceivedSpan, type Receiver } from '../../test/opentelemetry/receiver.ts'
import { startTelemetry, type Telemetry } from '../../test/opentelemetry/telemetry.ts'
import { meterJobs, type TraceJobsOptions, traceJobs, traceSender } from './index.ts'

const PRODUCER = 4
const CONSUMER = 5
const ERROR = 2

const work = defineJob<unknown>({ name: 'work', queue: 'mail', timeout: '50ms', retry: { attempts: 2 } })
const next = defineJob<unknown>({ name: 'next', queue: 'later' })

let receiver: Receiver
let telemetry: Telemetry
beforeAll(async () => {
  receiver = await openReceiver()
  telemetry = startTelemetry(receiver.url)
})
afterAll(async () => {
  await telemetry.stop()
  await receiver[Symbol.asyncDispose]()
})

/** A worker with one handler, on a broker of its own, and a producer that traces. */
function open(handler: (ctx: JobContext) => unknown, options?: TraceJobsOptions) {
  const broker = createMemoryBroker()
  const app = createApp({ grace: 50 })
    .use(traceJobs(options))
    .on(work, handler)
    .on(next, () => 'done')
  const executor = inProcess(app)
  const worker = createWorker(broker, executor, { queues: ['mail', 'later'] })
  worker.start()
  onTestFinished(async () => {
    await worker.stop({ grace: 0, abortGrace: 0 })
    await executor[Symbol.asyncDispose]()
  })
  return { broker, app, worker, jobs: createProducer(traceSender(broker)) }
}

/** In a trace of its own: the id of which is how a test finds its spans. */
async function within(send: () => Promise<unknown>): Promise<(span: ReceivedSpan) => boolean> {
  const traceId = await trace.getTracer('test').startActiveSpan('test', async (span) => {
    await send()
    span.end()
    return span.spanContext().traceId
  })
  return (span) => span.traceId === traceId
}

const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const found = spans.find((span) => span.name === name)
  if (!found) throw new Error(`there is no span ${name} in ${spans.map((span) => span.name)}`)
  return found
}

describe('traces, as an OTLP exporter sends them', () => {
  test('from the producer to the run of the job and on to its follow-up, in one trace', async () => {
    const { jobs } = open((ctx) => ctx.enqueue(next, null))
    let id = ''
    const ours = await within(async () => {
      id = (await jobs.enqueue(work, null, { tenant: 'acme', priority: 'high' })).id
    })
    const spans = await receiver.spans(4, ours)
    const [caller, sent, ran, followed] = ['test', 'send mail', 'process mail', 'process later'].map((name) =>
      named(spans, name),
    ) as [ReceivedSpan, ReceivedSpan, ReceivedSpan, ReceivedSpan]
    expect(sent).toMatchObject({ parentSpanId: caller.spanId, kind: PRODUCER })
    expect(sent.attributes).toEqual({
      'messaging.system': 'isobar',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'mail',
      'messaging.message.id': id,
      'isobar.job.name': 'work',
      'isobar.job.priority': 'high',
    })
    expect(ran).toMatchObject({ parentSpanId: sent.spanId, kind: CONSUMER, links: [], events: [] })
    expect(ran.status.code).not.toBe(ERROR)
    expect(ran.attributes).toEqual({
      'messaging.system': 'isobar',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'mail',
      'messaging.message.id': id,
      'isobar.job.name': 'work',
      'isobar.job.priority': 'high',
      'isobar.job.attempt': 1,
      'isobar.job.tenant': 'acme',
    })
    expect(followed).toMatchObject({ parentSpanId: ran.spanId, kind: CONSUMER })
  })

  test('each run is a span of its own; one that fails says of what', async () => {
    const { jobs } = open(({ attempt }) => {
      if (attempt === 1) throw new RetryAfter(1, 'not yet')
      throw Object.assign(new Error('no such user'), { code: 'NO_USER' })
    })
    const ours = await within(() => jobs.enqueue(work, null))
    const spans = await receiver.spans(4, ours)
    // Each goes out in a request of its own: they arrive in any order.
    const attemptOf = ({ attributes }: ReceivedSpan): number => Number(attributes['isobar.job.attempt'])
    const runs = spans.filter(({ name }) => name === 'process mail').sort((a, b) => attemptOf(a) - attemptOf(b))
    expect(runs.map(({ parentSpanId }) => parentSpanId)).toEqual(Array(2).fill(named(spans, 'send mail').spanId))
    expect(runs.map(attemptOf)).toEqual([1, 2])
    expect(runs[1]).toMatchObject({
      status: { code: ERROR, message: 'no such user' },
      events: ['exception'],
      attributes: { 'error.type': 'NO_USER' },
    })
  })

  test('a handler that is given up ends its span as a timeout, though it goes on', async () => {
    const over = Promise.withResolvers<void>()
    onTestFinished(() => over.resolve())
    const { jobs } = open(() => over.promise)
    const ours = await within(() => jobs.enqueue(work, null))
    const spans = await receiver.spans(3, ours)
    expect(named(spans, 'process mail')).toMatchObject({
      status: { code: ERROR },
      attributes: { 'error.type': 'JOB_TIMEOUT' },
    })
  })

  test('the span lasts until what the job opened is released', async () => {
    const released: number[] = []
    const { jobs } = open((ctx) => {
      ctx.scope.defer(async () => {
        await delay(20)
        released.push(Date.now())
      })
    })
    const ours = await within(() => jobs.enqueue(work, null))
    const ran = named(await receiver.spans(3, ours), 'process mail') as ReceivedSpan & { endTimeUnixNano: string }
    // In whole ms against ns: a part of one may be missing.
    expect(Number(ran.endTimeUnixNano) / 1e6).toBeGreaterThanOrEqual((released[0] ?? Number.POSITIVE_INFINITY) - 1)
  })

  test('as a link, a run has a trace of its own', async () => {
    const { jobs } = open((ctx) => ctx.enqueue(next, null), { relation: 'link' })
    const ours = await within(() => jobs.enqueue(work, null))
    const sent = named(await receiver.spans(2, ours), 'send mail')
    const [ran] = await receiver.spans(1, ({ links }) => links[0]?.spanId === sent.spanId)
    expect(ran?.traceId).not.toBe(sent.traceId)
    expect(ran?.parentSpanId ?? '').toBe('')
    const [followed] = await receiver.spans(1, ({ links }) => links[0]?.spanId === ran?.spanId)
    expect(followed?.name).toBe('process later')
  })

  test('many jobs in one call are one span, and each carries it; one that carries a context keeps its own', async () => {
    const { broker, worker } = open(() => {})
    worker.pause()
    const spec = { name: 'work', queue: 'mail', priority: 'normal' as const, text: 'null', delayMs: 0 }
    const ours = await within(() =>
      traceSender(broker).send([spec, { ...spec, queue: 'later' }, { ...spec, trace: '{"traceparent":"mine"}' }]),
    )
    const sent = named(await receiver.spans(2, ours), 'send')
    expect(sent.attributes).toEqual({
      'messaging.system': 'isobar',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': 3,
    })
    const want = { max: 3, leaseMs: 30_000, workerId: 'test', waitMs: 0, signal: new AbortController().signal }
    const queues = ['mail', 'later'].map((name) => ({ name, max: 3 }))
    const traces = (await broker.receive({ ...want, queues })).map(({ job }) => job.trace)
    const carried = JSON.stringify({ traceparent: `00-${sent.traceId}-${sent.spanId}-01` })
    expect(traces.sort()).toEqual([carried, carried, '{"traceparent":"mine"}'].sort())
  })

  test('a broker that refuses is an error of the span, and of the caller', async () => {
    const { jobs } = open(() => {})
    const ours = await within(async () => {
      await expect(jobs.enqueue(work, null, { trace: 'x'.repeat(5_000) })).rejects.toMatchObject({ code: 'OPTION' })
    })
    expect(named(await receiver.spans(2, ours), 'send mail')).toMatchObject({
      status: { code: ERROR },
      attributes: { 'error.type': 'OPTION' },
    })
  })

  test.each(['', '{', 'null', '5', '"x"', '[]', '{"traceparent":"garbage"}', '{"traceparent":5}'])(
    'a context that cannot be read is none, and the job is done: %j',
    async (garbage) => {
      const done = Promise.withResolvers<string>()
      const { jobs } = open(({ job }) => done.resolve(job.id))
      const { id } = await jobs.enqueue(work, null, { trace: garbage })
      expect(await done.promise).toBe(id)
      const [ran] = await receiver.spans(
        1,
        (span) => span.kind === CONSUMER && span.attributes['messaging.message.id'] === id,
      )
      expect(ran?.parentSpanId ?? '').toBe('')
    },
  )
})

describe('metrics, as an OTLP exporter sends them', () => {
  test('of producers and handlers, by the conventions; they end with their owner', async () => {
    const { app, jobs } = open(({ data }) => {
      if (data === 'fail') throw Object.assign(new Error('failed'), { code: 'BAD' })
    })
    const settled = Promise.withResolvers<void>()
    let left = 2
    app.addHook('settle', () => --left === 0 && settled.resolve())
    const meter = meterJobs(app)
    await jobs.enqueueMany(work, ['fine', 'fail'])
    await settled.promise
    await telemetry.exportMetrics()
    const of = (metric: string, queue = 'mail') =>
      receiver
        .points()
        .filter((point) => point.metric === metric && point.attributes['messaging.destination.name'] === queue)

    const process = {
      'messaging.system': 'isobar',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'mail',
      'isobar.job.name': 'work',
    }
    const consumed = of('messaging.client.consumed.messages')
    expect(consumed).toContainEqual({
      ...{ metric: 'messaging.client.consumed.messages', unit: '{message}', type: 'sum' },
      ...{ attributes: process, value: 1 },
    })
    expect(consumed.find(({ attributes }) => attributes['error.type'] === 'BAD')?.value).toBe(1)
    const durations = of('messaging.process.duration')
    expect(durations.map(({ unit, type, value }) => [unit, type, value])).toEqual(Array(2).fill(['s', 'histogram', 1]))
    expect(durations[0]?.bounds).toEqual([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
    expect(durations[0]?.sum).toBeLessThan(1)
    expect(of('messaging.client.sent.messages').reduce((sum, { value }) => sum + value, 0)).toBeGreaterThanOrEqual(2)
    expect(of('messaging.client.operation.duration')[0]).toMatchObject({ unit: 's', type: 'histogram' })

    meter[Symbol.dispose]()
    const again = Promise.withResolvers<void>()
    app.addHook('settle', () => again.resolve())
    await jobs.enqueue(work, 'fine')
    await again.promise
    await telemetry.exportMetrics()
    expect(of('messaging.client.consumed.messages')).toEqual(consumed)
  })
})

test('without an SDK nothing is traced, and a context that is carried goes on as it is', async () => {
  await telemetry.stop()
  onTestFinished(() => {
    telemetry = startTelemetry(receiver.url)
  })
  const app = createApp()
    .use(traceJobs())
    .on(work, (ctx) => ctx.enqueue(next, null))
  const carried = '{"traceparent":"theirs"}'
  const report = await runJob(app, work, null, { trace: carried })
  expect(report.outcome.kind).toBe('ack')
  expect(report.enqueued.map((spec) => spec.trace)).toEqual([carried])
  const broker = createMemoryBroker()
  expect(await createProducer(traceSender(broker)).enqueue(work, null)).toMatchObject({ duplicate: false })
})
