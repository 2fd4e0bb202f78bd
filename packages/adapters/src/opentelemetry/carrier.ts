import { MAX_TRACE } from '@isobar/core/codec'
import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api'

/**
 * A context as a job carries it: the headers that the global propagator writes, as a JSON object. Undefined when it writes
 * none, or more than a job may carry.
 */
export function toTrace(from: Context = context.active()): string | undefined {
  const headers: Record<string, string> = {}
  propagation.inject(from, headers)
  const text = JSON.stringify(headers)
  return text === '{}' || text.length > MAX_TRACE ? undefined : text
}

/** The context that a job carries; an empty one when it carries none that can be read. */
export function fromTrace(trace: string | undefined): Context {
  if (!trace) return ROOT_CONTEXT
  try {
    const headers: unknown = JSON.parse(trace)
    return typeof headers === 'object' && headers !== null ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
  } catch {
    // Whoever wrote it: it is no reason not to do the job.
    return ROOT_CONTEXT
  }
}
