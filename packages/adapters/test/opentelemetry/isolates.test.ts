import { serve } from '@isobar/adapters/node'
import { meterJobs, traceSender } from '@isobar/adapters/opentelemetry'
import { postgres } from '@isobar/adapters/postgres'
import { createProducer } from '@isobar/core/producer'
import { trace } from '@opentelemetry/api'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createDatabase } from '../database.ts'
import { first } from '../fixtures/traced-app.ts'
import { openReceiver } from './receiver.ts'
import { startTelemetry } from './telemetry.ts'

const APP = new URL('../fixtures/traced-app.ts', import.meta.url)

test('a producer, an isolate and the next isolate are one trace by way of PostgreSQL, and the worker’s figures are exported', async () => {
  const receiver = await openReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  const telemetry = startTelemetry(receiver.url)
  onTestFinished(() => telemetry.stop())
  const database = await createDatabase()
  onTestFinished(() => database[Symbol.asyncDispose]())
  const broker = postgres(database.url)
  const isolates = { size: 1, jobs: 1, memory: '300mb' } as const
  vi.stubEnv('OTLP_URL', receiver.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  const server = await serve(APP, { broker, signals: false, isolates })
  onTestFinished(async () => void (await server.stop()))
  meterJobs(server)

  const jobs = createProducer(traceSender(broker))
  const traceId = await trace.getTracer('test').startActiveSpan('request', async (span) => {
    await jobs.enqueue(first, { n: 1 })
    span.end()
    return span.spanContext().traceId
  })
  const spans = await receiver.spans(5, (span) => span.traceId === traceId)
  const [root] = spans.filter((span) => !span.parentSpanId)
  const tree = (id: string | undefined): unknown[] =>
    spans
      .filter((span) => span.parentSpanId === id)
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((span) => [span.name, span.attributes['isobar.job.name'], ...tree(span.spanId)])
  expect([root?.name, ...tree(root?.spanId)]).toEqual([
    'request',
    ['send traced', 'first', ['process traced', 'first', ['inside', undefined], ['process traced', 'second']]],
  ])

  await telemetry.exportMetrics()
  const values = (metric: string) => receiver.points().filter((point) => point.metric === metric)
  expect(
    values('messaging.process.duration').map(({ attributes, value }) => [attributes['isobar.job.name'], value]),
  ).toContainEqual(['first', 1])
  const memory = values('isobar.worker.memory')
  expect(memory.map(({ unit, type }) => [unit, type])).toContainEqual(['By', 'gauge'])
  expect(memory.find(({ attributes }) => attributes['isobar.kind'] === 'rss')?.value).toBeGreaterThan(10_000_000)
}, 30_000)
