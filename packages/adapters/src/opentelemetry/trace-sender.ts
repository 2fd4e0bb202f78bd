import type { Enqueued, JobSpec, Sender } from '@isobar/core'
import { context, type Meter, metrics, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import { ATTRIBUTE, errorTypeOf, fail, SCOPE, toAttributes } from './attributes.ts'
import { toTrace } from './carrier.ts'
import { DURATION_BUCKETS } from './duration-buckets.ts'

/** Options of `traceSender`. */
export interface TraceSenderOptions {
  /** Default: that of the global provider, asked at each call. */
  readonly tracer?: Tracer
  /** Default: that of the global provider, asked once. */
  readonly meter?: Meter
}

/**
 * A sender that traces what it sends: a span of kind PRODUCER for each call, `send <queue>`, in the trace that is active,
 * whose context the jobs carry. It counts `messaging.client.sent.messages` and measures
 * `messaging.client.operation.duration` (s). Jobs that carry a context already keep theirs. A failing exporter fails no
 * call.
 *
 * Names and attributes are those of the semantic conventions for messaging of OpenTelemetry (in development).
 *
 * @example
 * const jobs = createProducer(traceSender(broker))
 */
export function traceSender(sender: Sender, options: TraceSenderOptions = {}): Sender {
  const meter = options.meter ?? metrics.getMeter(SCOPE)
  const sent = meter.createCounter('messaging.client.sent.messages', {
    description: 'Jobs that were sent to the broker.',
    unit: '{message}',
  })
  const duration = meter.createHistogram('messaging.client.operation.duration', {
    description: 'How long the broker took.',
    unit: 's',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS },
  })

  const send: Sender['send'] = async (specs, how) => {
    if (specs.length === 0) return sender.send(specs, how)
    const queue = queueOf(specs)
    const attributes = toAttributes('send', queue)
    const tracer = options.tracer ?? trace.getTracer(SCOPE)
    const span = tracer.startSpan(queue === undefined ? 'send' : `send ${queue}`, {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes, ...describe(specs) },
    })
    const active = trace.setSpan(context.active(), span)
    const carried = toTrace(active)
    const traced = carried === undefined ? specs : specs.map((spec) => ({ ...spec, trace: spec.trace ?? carried }))
    const started = performance.now()
    let failed: { readonly [ATTRIBUTE.errorType]?: string } = {}
    try {
      const enqueued = await context.with(active, () => sender.send(traced, how))
      if (specs.length === 1) tell(span, enqueued)
      return enqueued
    } catch (error) {
      failed = { [ATTRIBUTE.errorType]: errorTypeOf(error) }
      fail(span, error)
      throw error
    } finally {
      sent.add(specs.length, { ...attributes, ...failed })
      duration.record((performance.now() - started) / 1_000, { ...attributes, ...failed })
      span.end()
    }
  }

  return {
    name: sender.name,
    can: sender.can,
    send,
    get: (id) => sender.get(id),
    cancel: (id) => sender.cancel(id),
    ...(sender.ticks && { ticks: sender.ticks }),
  }
}

/** The queue of all of them, if they have one. */
function queueOf([first, ...others]: readonly JobSpec[]): string | undefined {
  return others.every((spec) => spec.queue === first?.queue) ? first?.queue : undefined
}

function describe([first, ...others]: readonly JobSpec[]): Record<string, string | number> {
  if (!first || others.length > 0) return { [ATTRIBUTE.batchCount]: others.length + 1 }
  return { [ATTRIBUTE.jobName]: first.name, [ATTRIBUTE.priority]: first.priority }
}

function tell(span: Span, [enqueued]: readonly Enqueued[]): void {
  if (enqueued) span.setAttribute(ATTRIBUTE.messageId, enqueued.id)
}
