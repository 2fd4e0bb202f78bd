import type { Enqueued, JobSpec, JobStatus, Sender } from './broker.ts'
import { type EnqueueArgs, type EnqueueOptions, toSpec } from './enqueue.ts'
import { OptionError, PayloadTooLargeError, UnsupportedError } from './errors.ts'
import type { AnyJobType, JobType } from './job.ts'
import { byteLength } from './json.ts'

/** Options of `producer.enqueue`. */
export interface ProducerOptions extends EnqueueOptions {
  /** A transaction of yours to enqueue in, where the broker knows such a thing: the job exists if it commits. */
  readonly tx?: unknown
}

/** Enqueues jobs, typed and checked. */
export interface Producer {
  /**
   * Enqueues a job. `duplicate` says that its key was taken, `id` then by whom.
   * @throws {InvalidDataError | PayloadTooLargeError | UnsupportedError | OptionError}
   */
  enqueue<Input>(type: JobType<Input>, ...args: EnqueueArgs<NoInfer<Input>, ProducerOptions>): Promise<Enqueued>
  /**
   * Enqueues many jobs of a type, in batches as large as the broker takes. Data are checked before anything is sent; a
   * broker that fails in the middle leaves the batches before it enqueued. Answers in the order of the data.
   * @throws {InvalidDataError | PayloadTooLargeError | UnsupportedError | OptionError}
   */
  enqueueMany<Input>(
    type: JobType<Input>,
    data: readonly NoInfer<Input>[],
    options?: Omit<ProducerOptions, 'id' | 'key'>,
  ): Promise<readonly Enqueued[]>
  /** Where a job stands; undefined when the broker does not know it (any more). */
  get(id: string): Promise<JobStatus | undefined>
  /** Cancels a queued or running job. False when it is in neither state. */
  cancel(id: string): Promise<boolean>
}

/**
 * The sending half of a broker, for whoever enqueues jobs.
 *
 * @example
 * const jobs = createProducer(broker)
 * const { id } = await jobs.enqueue(sendEmail, { to: 'ann@example.org' }, { delay: '5m' })
 */
export function createProducer(sender: Sender): Producer {
  const enqueueMany = async (
    type: AnyJobType,
    data: readonly unknown[],
    { tx, ...options }: ProducerOptions = {},
  ): Promise<readonly Enqueued[]> => {
    const specs: JobSpec[] = []
    for (const one of data) {
      const spec = await toSpec(type, one, options)
      assertCan(sender, spec)
      specs.push(spec)
    }
    const enqueued: Enqueued[] = []
    for (let at = 0; at < specs.length; at += sender.can.maxBatch) {
      const batch = specs.slice(at, at + sender.can.maxBatch)
      enqueued.push(...(await sender.send(batch, tx === undefined ? {} : { tx })))
    }
    return enqueued
  }
  return {
    async enqueue(type: AnyJobType, data?: unknown, options?: ProducerOptions) {
      const [enqueued] = await enqueueMany(type, [data], options)
      return enqueued as Enqueued
    },
    enqueueMany,
    get: (id) => sender.get(id),
    cancel: (id) => sender.cancel(id),
  }
}

/**
 * That a broker can do what a job asks for, told before it is sent: a batch must not fail for one job in it.
 * @throws {UnsupportedError | PayloadTooLargeError | OptionError}
 */
export function assertCan({ name, can }: Pick<Sender, 'name' | 'can'>, spec: JobSpec): void {
  if (spec.delayMs > 0 && !can.delay) throw new UnsupportedError(name, `delay job ${spec.name}`)
  if (spec.delayMs > can.maxDelayMs)
    throw new OptionError(
      `job ${spec.name} is to wait ${spec.delayMs} ms; broker ${name} takes delays of at most ${can.maxDelayMs} ms`,
    )
  if (spec.key !== undefined && !can.dedupe) throw new UnsupportedError(name, `honour the key of job ${spec.name}`)
  if (spec.priority !== 'normal' && !can.priority)
    throw new UnsupportedError(name, `give job ${spec.name} the priority ${spec.priority}`)
  if (spec.text.length * 3 > can.maxBytes) {
    const bytes = byteLength(spec.text)
    if (bytes > can.maxBytes) throw new PayloadTooLargeError(spec.name, bytes, can.maxBytes)
  }
}

export { checkSpecs } from './check-specs.ts'
export { toSpec } from './enqueue.ts'
export { checkTick, MAX_TICK_AHEAD_MS } from './ticks.ts'
