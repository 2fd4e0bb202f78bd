import { RpcTarget } from 'cloudflare:workers'
import type { AbortReason, ExecuteOptions } from '@isobar/core'
import { serializeError } from '@isobar/core/codec'
import type { JobHost } from './wire.ts'

/** How much later than its grace an aborted job is given up whose slot says nothing, in ms. */
const ABORT_MARGIN_MS = 1_000

/** What a job in a slot may ask for; and the end of its patience. */
export class Host extends RpcTarget implements JobHost {
  readonly #options: ExecuteOptions
  readonly #aborted = toDeferred<Awaited<ReturnType<JobHost['aborted']>>>()
  readonly #givenUp = toDeferred<{ readonly givenUp: AbortReason }>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #reason: AbortReason | undefined
  #hasStarted = false
  #isOver = false

  constructor(options: ExecuteOptions) {
    super()
    this.#options = options
  }

  async started(): Promise<void> {
    this.#hasStarted = true
  }

  aborted(): ReturnType<JobHost['aborted']> {
    return this.#aborted.promise
  }

  async progress(value: unknown): Promise<void> {
    this.#options.progress?.(value)
  }

  async send(specs: Parameters<JobHost['send']>[0]): Promise<unknown> {
    return this.#options.sender?.send(specs)
  }

  /** Whether its handler may have begun. */
  get hasStarted(): boolean {
    return this.#hasStarted
  }

  /** Whether nobody waits for the job's outcome any more: it must not begin. */
  get isOver(): boolean {
    return this.#isOver
  }

  abort(reason: AbortReason, graceMs: number): void {
    if (this.#reason) return
    this.#reason = reason
    this.#aborted.resolve({ reason: serializeError(reason), graceMs })
    this.#timer = setTimeout(() => this.#givenUp.resolve({ givenUp: reason }), graceMs + ABORT_MARGIN_MS)
  }

  /** The answer of a slot; or why the job was aborted, when its grace is over and the slot has said nothing. */
  orGivenUp<Answer>(answer: Promise<Answer>): Promise<Answer | { readonly givenUp: AbortReason }> {
    return Promise.race([answer, this.#givenUp.promise])
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }
}

/** A promise with its end. */
function toDeferred<Value>(): { readonly promise: Promise<Value>; resolve(value: Value): void } {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
