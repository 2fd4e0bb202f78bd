import type { Dedupe, JobSpec, Priority } from './broker.ts'
import { type Duration, toMs } from './duration.ts'
import { InvalidDataError } from './errors.ts'
import { type AnyJobType, type DedupeOption, toDedupe } from './job.ts'
import { encodeData } from './json.ts'
import { type Checked, validate } from './schema.ts'

/** How one job is enqueued; what is absent comes from its type. */
export interface EnqueueOptions {
  readonly priority?: Priority
  readonly queue?: string
  /** How long it waits before it is due. Default 0. */
  readonly delay?: Duration
  /** Keeps out other jobs of the same queue with the same key; see `dedupe`. */
  readonly key?: string
  /** How `key` keeps others out. Default: what the job type says, else while the job is queued or running. */
  readonly dedupe?: DedupeOption
  /** Whose job it is, for logs and limits. */
  readonly tenant?: string
  /** Where it is enqueued, for tracing: see `JobSpec.trace`. Default: none; of a follow-up job, that of its job. */
  readonly trace?: string | undefined
  /** The job's id. Default: chosen by the broker. */
  readonly id?: string
}

/** The data and options of a call to `enqueue`; data can be left out where the type has none. */
export type EnqueueArgs<Input, Options> = [Input] extends [null]
  ? [data?: Input, options?: Options]
  : [data: Input, options?: Options]

/**
 * A job as brokers take it, its data checked by the schema and encoded: the input goes over the wire, not what the
 * schema makes of it. Answers at once when the schema does.
 * @throws {InvalidDataError | PayloadTooLargeError | OptionError}
 */
export function toSpec(type: AnyJobType, data: unknown, options: EnqueueOptions = {}): JobSpec | Promise<JobSpec> {
  const spec = encode(type, data, options)
  if (!type.data) return spec
  const checked = validate(type.data, data ?? null)
  if (checked instanceof Promise) return checked.then((answer) => accept(type, answer, spec))
  return accept(type, checked, spec)
}

function accept(type: AnyJobType, checked: Checked<unknown>, spec: JobSpec): JobSpec {
  if ('issues' in checked) throw new InvalidDataError(type.name, checked.issues, checked)
  return spec
}

function encode(type: AnyJobType, data: unknown, options: EnqueueOptions): JobSpec {
  const { priority = type.priority, queue = type.queue, delay = 0, key, id, tenant, trace } = options
  const dedupe: Dedupe = options.dedupe ? toDedupe(options.dedupe) : type.dedupe
  return {
    name: type.name,
    queue,
    priority,
    text: encodeData(type.name, data, type.maxBytes),
    delayMs: toMs(delay),
    id,
    tenant,
    trace,
    ...(key !== undefined && { key, dedupe }),
  }
}
