import { type JobSpec, MAX_TRACE, PRIORITIES, type Sender } from './broker.ts'
import { OptionError, PayloadTooLargeError, UnsupportedError } from './errors.ts'

/** Most bytes that one UTF-16 code unit takes in UTF-8. */
const MAX_UNIT_BYTES = 3

/** Bytes of a text in UTF-8; exact only above `enough`, so that small texts need no counting. */
function bytesAbove(text: string, enough: number): number {
  return text.length * MAX_UNIT_BYTES <= enough ? text.length : new TextEncoder().encode(text).length
}

/**
 * For brokers: refuses jobs that a broker cannot take, before any of them is added.
 * @throws {UnsupportedError} for too many at once, a delay that is too long, or a window without a length.
 * @throws {PayloadTooLargeError} for data over the limit.
 * @throws {OptionError} for a priority that there is not, or a trace context that is too long.
 */
export function checkSpecs(specs: readonly JobSpec[], { name, can }: Pick<Sender, 'name' | 'can'>): void {
  if (specs.length > can.maxBatch) {
    throw new UnsupportedError(name, `take ${specs.length} jobs at once`, `send at most ${can.maxBatch} at a time`)
  }
  for (const spec of specs) {
    const bytes = bytesAbove(spec.text, can.maxBytes)
    if (bytes > can.maxBytes) throw new PayloadTooLargeError(spec.name, bytes, can.maxBytes)
    if (!(spec.delayMs <= can.maxDelayMs)) {
      throw new UnsupportedError(
        name,
        `delay job ${spec.name} by ${spec.delayMs} ms`,
        `delay it by at most ${can.maxDelayMs} ms`,
      )
    }
    if (spec.dedupe?.mode === 'window' && !(spec.dedupe.windowMs <= can.maxDelayMs)) {
      throw new UnsupportedError(
        name,
        `hold a key of job ${spec.name} for ${spec.dedupe.windowMs} ms`,
        `hold it for at most ${can.maxDelayMs} ms`,
      )
    }
    if (spec.trace && (spec.trace.length > MAX_TRACE || spec.trace.includes('\u0000'))) {
      throw new OptionError(
        `the trace context of job ${spec.name} must have at most ${MAX_TRACE} characters and no NUL`,
      )
    }
    if (!PRIORITIES.includes(spec.priority)) {
      throw new OptionError(
        `job ${spec.name} has priority ${JSON.stringify(spec.priority)}; give one of ${PRIORITIES.join(', ')}`,
      )
    }
  }
}
