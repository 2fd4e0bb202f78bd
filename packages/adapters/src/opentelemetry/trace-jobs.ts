import type { JobContext, Middleware } from '@isobar/core'
import { type Attributes, context, type Link, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api'
import { ATTRIBUTE, fail, SCOPE, toAttributes } from './attributes.ts'
import { fromTrace, toTrace } from './carrier.ts'

/** Options of `traceJobs`. */
export interface TraceJobsOptions {
  /**
   * How the run of a job stands to what enqueued it. `child`: in the same trace. `link`: a trace of its own that refers to
   * it, for jobs that run long after. Default `child`.
   */
  readonly relation?: 'child' | 'link'
  /** Default: that of the global provider, asked at each run. */
  readonly tracer?: Tracer
}

/**
 * Middleware: a span of kind CONSUMER for each run of a handler, `process <queue>`, in the trace of what enqueued the job
 * where that was traced (`traceSender`, or a traced job before it). It is active while the handler runs, so that spans of
 * the handler's own are its children, and the job's follow-ups carry it on. A handler that throws, times out or is aborted
 * ends it with an error. Without an SDK it does nothing.
 *
 * Names and attributes are those of the semantic conventions for messaging spans of OpenTelemetry (in development).
 *
 * @example
 * createApp().use(traceJobs()).use(email)
 */
export function traceJobs({ relation = 'child', tracer }: TraceJobsOptions = {}): Middleware {
  return async (ctx, next) => {
    const from = fromTrace(ctx.job.trace)
    const creation = trace.getSpanContext(from)
    const links: Link[] = relation === 'link' && creation ? [{ context: creation }] : []
    const parent = relation === 'link' ? ROOT_CONTEXT : from
    const { job } = ctx
    const span = (tracer ?? trace.getTracer(SCOPE)).startSpan(
      `process ${job.queue}`,
      { kind: SpanKind.CONSUMER, attributes: attributesOf(job), links },
      parent,
    )
    const active = trace.setSpan(parent, span)
    job.trace = toTrace(active) ?? job.trace
    if (!span.isRecording()) return context.with(active, next)
    let ended = false
    const { signal } = ctx
    // With all that the job opened, last of all; and where a handler goes on for ever, when it is given up.
    ctx.scope.defer(() => {
      if (!ended && signal.aborted) fail(span, signal.reason)
      span.end()
    })
    try {
      return await context.with(active, next)
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      ended = true
    }
  }
}

function attributesOf({ id, name, queue, priority, attempt, tenant }: JobContext['job']): Attributes {
  return {
    ...toAttributes('process', queue),
    [ATTRIBUTE.messageId]: id,
    [ATTRIBUTE.jobName]: name,
    [ATTRIBUTE.priority]: priority,
    [ATTRIBUTE.attempt]: attempt,
    ...(tenant !== undefined && { [ATTRIBUTE.tenant]: tenant }),
  }
}
