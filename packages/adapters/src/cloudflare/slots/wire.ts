import type { Delivery, JobSpec, Outcome, StoredJob } from '@isobar/core'
import { reviveError, type SerializedError, serializeError, toJsonText } from '@isobar/core/codec'

/** Bytes of a result that travel back, as JSON; a larger one is left out. */
const MAX_RESULT_BYTES = 1_000_000

/** An outcome as plain data. */
export type WireOutcome = Omit<Outcome, 'error' | 'result'> & {
  readonly kind: Outcome['kind']
  readonly error?: SerializedError
  /** As JSON. */
  readonly result?: string
}

/** What a slot answers: an outcome, or that it takes no more jobs. */
export type SlotAnswer = { readonly outcome: WireOutcome } | { readonly refused: true }

/** What a job in a slot asks of the main Worker. */
export interface JobHost {
  /** Told before its handler begins: whoever was not told of knows that the job is not what took the slot down. */
  started(): Promise<void>
  /** Resolves when the job is to be aborted, with the reason. */
  aborted(): Promise<{ readonly reason: SerializedError; readonly graceMs: number }>
  progress(value: unknown): Promise<void>
  send(specs: readonly JobSpec[]): Promise<unknown>
}

/** A slot, as the main Worker calls it. */
export interface SlotStub {
  run(job: StoredJob, host: JobHost, limits: { readonly jobs: number }): Promise<SlotAnswer>
}

export function toWireOutcome(outcome: Outcome): WireOutcome {
  if (outcome.kind === 'ack') {
    const { result, ...rest } = outcome
    const text = result === undefined ? undefined : toJsonText(result, MAX_RESULT_BYTES)
    return text === undefined ? rest : { ...rest, result: text }
  }
  const { error, ...rest } = outcome
  return error === undefined ? rest : { ...rest, error: serializeError(error) }
}

export function fromWireOutcome({ error, result, ...outcome }: WireOutcome): Outcome {
  return {
    ...outcome,
    ...(error !== undefined && { error: reviveError(error) }),
    ...(result !== undefined && { result: JSON.parse(result) }),
  } as Outcome
}

/** A job in its slot: the token and the lease are the main Worker's. */
export function toDelivery(job: StoredJob): Delivery {
  return { job, token: undefined, leaseUntil: Number.POSITIVE_INFINITY }
}
