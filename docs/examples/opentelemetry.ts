import { traceJobs, traceSender } from '@isobar/adapters/opentelemetry'
import { createApp, defineJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker, inProcess } from '@isobar/core/worker'
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

// An SDK as an application sets it up; with an exporter of OTLP in place of this one.
const exporter = new InMemorySpanExporter()
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))

const sendEmail = defineJob<{ to: string }>({ name: 'email.send', queue: 'email' })
const countEmail = defineJob<{ to: string }>({ name: 'email.count', queue: 'analytics' })
const counted = Promise.withResolvers<void>()

const app = createApp()
  .use(traceJobs())
  .on(sendEmail, (ctx) => ctx.enqueue(countEmail, ctx.data))
  .on(countEmail, () => counted.resolve())

const broker = createMemoryBroker()
const jobs = createProducer(traceSender(broker))
await using worker = createWorker(broker, inProcess(app), { queues: app.queues })
worker.start()

await trace.getTracer('web').startActiveSpan('POST /mails', async (span) => {
  await jobs.enqueue(sendEmail, { to: 'ann@example.org' })
  span.end()
})
await counted.promise
await worker.stop()

// One trace, from the request to the last job.
const spans = exporter.getFinishedSpans()
const parentOf = (id: string | undefined) => spans.find((span) => span.spanContext().spanId === id)?.name ?? 'nothing'
const lines = spans.map(({ name, parentSpanContext }) => `${name}, in ${parentOf(parentSpanContext?.spanId)}`)
console.log(lines.sort().join('\n'))
