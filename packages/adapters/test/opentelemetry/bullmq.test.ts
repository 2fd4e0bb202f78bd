import { bullmq } from '@isobar/adapters/bullmq'
import { traceJobs, traceSender } from '@isobar/adapters/opentelemetry'
import { createApp, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import { trace } from '@opentelemetry/api'
import { Queue, Worker } from 'bullmq'
import { BullMQOtel } from 'bullmq-otel'
import { expect, onTestFinished, test } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { removeKeys } from '../bullmq/redis.ts'
import { openReceiver, type ReceivedSpan } from './receiver.ts'
import { startTelemetry } from './telemetry.ts'

const work = defineJob<{ n: number }>({ name: 'work', queue: 'traced' })
const url = await serviceUrl('redis')

async function open() {
  const receiver = await openReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const telemetry = startTelemetry(receiver.url)
  onTestFinished(() => telemetry.stop())
  const prefix = `traced-${crypto.randomUUID()}`
  onTestFinished(() => removeKeys(url, `${prefix}:`))
  const broker = bullmq(url, { prefix })
  onTestFinished(() => broker[Symbol.asyncDispose]())
  const theirs = { connection: { url }, prefix, telemetry: new BullMQOtel() }
  return { receiver, broker, theirs }
}

/** What a span comes from, span by span, outermost first. */
function lineOf(spans: readonly ReceivedSpan[], name: RegExp): readonly string[] {
  const line: string[] = []
  for (let span = spans.find((one) => name.test(one.name)); span; ) {
    line.unshift(span.name)
    const parent: string | undefined = span.parentSpanId
    span = spans.find((one) => one.spanId === parent)
  }
  return line
}

test('what a producer of BullMQ traces with bullmq-otel goes on in a handler of isobar', async () => {
  const { receiver, broker, theirs } = await open()
  const app = createApp()
    .use(traceJobs())
    .on(work, () => {})
  const worker = createWorker(broker, inProcess(app), { queues: ['traced'] })
  onTestFinished(async () => void (await worker.stop()))
  worker.start()
  const queue = new Queue('traced', theirs)
  onTestFinished(() => queue.close())
  await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await queue.add('work', { n: 1 })
    span.end()
  })
  await receiver.spans(1, ({ name }) => name === 'process traced')
  const spans = await receiver.spans(3)
  expect(lineOf(spans, /^process traced$/)).toEqual(['request', expect.stringMatching(/^add traced/), 'process traced'])
})

test('what a producer of isobar traces goes on in a worker of BullMQ with bullmq-otel', async () => {
  const { receiver, broker, theirs } = await open()
  await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await createProducer(traceSender(broker)).enqueue(work, { n: 1 })
    span.end()
  })
  const done = Promise.withResolvers<void>()
  const worker = new Worker('traced', async () => done.resolve(), theirs)
  onTestFinished(() => worker.close())
  await done.promise
  await receiver.spans(1, ({ name }) => name === 'process traced')
  const spans = await receiver.spans(3)
  expect(lineOf(spans, /^process traced$/)).toEqual(['request', 'send traced', 'process traced'])
})
