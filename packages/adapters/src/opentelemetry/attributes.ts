import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api'

/** Name of the instrumentation, of its tracer and its meter. */
export const SCOPE = '@isobar/adapters/opentelemetry'

/** Attributes of messaging, by the semantic conventions of OpenTelemetry (1.45, in development). */
export const ATTRIBUTE = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  batchCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  jobName: 'isobar.job.name',
  priority: 'isobar.job.priority',
  attempt: 'isobar.job.attempt',
  tenant: 'isobar.job.tenant',
} as const

/** What is done to a job: the operation's name, which is its type too. */
export type Operation = 'send' | 'process'

/** The attributes of an operation on a queue; of several queues, none is named. */
export function toAttributes(operation: Operation, queue: string | undefined): Attributes {
  return {
    [ATTRIBUTE.system]: 'isobar',
    [ATTRIBUTE.operationName]: operation,
    [ATTRIBUTE.operationType]: operation,
    ...(queue !== undefined && { [ATTRIBUTE.destination]: queue }),
  }
}

/** Of what kind an error is, of few kinds: its code, else its name. */
export function errorTypeOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown }
  if (typeof code === 'string' && code !== '') return code
  return typeof name === 'string' && name !== '' ? name : '_OTHER'
}

/** Says of a span that it failed, and of what. */
export function fail(span: Span, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  span.recordException(error instanceof Error ? error : message)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.setAttribute(ATTRIBUTE.errorType, errorTypeOf(error))
}
