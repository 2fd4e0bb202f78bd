import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A value of OTLP's JSON encoding (opentelemetry-proto, `AnyValue`). */
interface AnyValue {
  readonly stringValue?: string
  readonly intValue?: string | number
  readonly doubleValue?: number
  readonly boolValue?: boolean
}

interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** A span as it went over the wire. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 4 PRODUCER, 5 CONSUMER, 1 INTERNAL. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly events: readonly string[]
  /** 2 is an error. */
  readonly status: { readonly code?: number; readonly message?: string }
}

/** A point of a metric as it went over the wire. */
export interface ReceivedPoint {
  readonly metric: string
  readonly unit: string
  readonly type: 'sum' | 'gauge' | 'histogram'
  readonly attributes: Readonly<Record<string, unknown>>
  /** Of a sum or a gauge its value, of a histogram its count. */
  readonly value: number
  readonly sum?: number
  readonly bounds?: readonly number[]
}

/** An OTLP receiver on loopback that decodes what exporters send it as JSON. */
export interface Receiver extends AsyncDisposable {
  readonly url: string
  /** All spans so far that fit, once there are `count`; it waits for them. */
  spans(count: number, fits?: (span: ReceivedSpan) => boolean): Promise<readonly ReceivedSpan[]>
  /** The points of the last export. */
  points(): readonly ReceivedPoint[]
}

export async function openReceiver(): Promise<Receiver> {
  const spans: ReceivedSpan[] = []
  let points: readonly ReceivedPoint[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      if (request.url === '/v1/traces') spans.push(...toSpans(body as TracesBody))
      if (request.url === '/v1/metrics') points = toPoints(body as MetricsBody)
      for (const look of waiting) look()
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: (count, fits = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = spans.filter(fits)
          if (found.length < count) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    points: () => points,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

type RawSpan = Omit<ReceivedSpan, 'attributes' | 'links' | 'events'> & {
  readonly attributes?: readonly KeyValue[]
  readonly links?: ReceivedSpan['links']
  readonly events?: readonly { readonly name: string }[]
}

interface TracesBody {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[] }[]
}

function toSpans({ resourceSpans }: TracesBody): ReceivedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ attributes = [], links = [], events = [], ...span }) => ({
      ...span,
      attributes: toRecord(attributes),
      links,
      events: events.map(({ name }) => name),
    }))
}

interface RawPoint {
  readonly attributes?: readonly KeyValue[]
  readonly asDouble?: number
  readonly asInt?: string | number
  readonly count?: string | number
  readonly sum?: number
  readonly explicitBounds?: readonly number[]
}

type RawMetric = { readonly name: string; readonly unit: string } & {
  readonly [Type in ReceivedPoint['type']]?: { readonly dataPoints: readonly RawPoint[] }
}

interface MetricsBody {
  readonly resourceMetrics: readonly { readonly scopeMetrics: readonly { readonly metrics: readonly RawMetric[] }[] }[]
}

function toPoints({ resourceMetrics }: MetricsBody): ReceivedPoint[] {
  return resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .flatMap((metric) =>
      (['sum', 'gauge', 'histogram'] as const).flatMap((type) =>
        (metric[type]?.dataPoints ?? []).map(({ attributes = [], asDouble, asInt, count, sum, explicitBounds }) => ({
          ...{ metric: metric.name, unit: metric.unit, type, attributes: toRecord(attributes) },
          value: Number(asDouble ?? asInt ?? count),
          ...(sum !== undefined && { sum }),
          ...(explicitBounds && { bounds: explicitBounds }),
        })),
      ),
    )
}

function toRecord(attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  )
}
