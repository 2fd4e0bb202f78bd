import type { JobSpec } from './broker.ts'
import { type EnqueueOptions, toSpec } from './enqueue.ts'
import { OptionError } from './errors.ts'
import type { AnyJobType } from './job.ts'

/** Follow-up jobs that one job may hold until its ack. */
export const MAX_FOLLOW_UPS = 1_000

/** The jobs that a job enqueues, held until its ack, in the order of the calls. */
export class FollowUps {
  readonly #specs: JobSpec[] = []
  readonly #checks: Promise<unknown>[] = []

  /**
   * Checks a job and holds it. A failure also fails `checked()`, so that it is not lost on a caller who does not await.
   * @throws {InvalidDataError | PayloadTooLargeError | OptionError}
   */
  hold(type: AnyJobType, data: unknown, options: EnqueueOptions): Promise<undefined> {
    const check = this.#hold(type, data, options)
    // One refusal is enough to fail the job: the list stays bounded.
    if (this.#checks.length <= MAX_FOLLOW_UPS) this.#checks.push(check)
    check.catch(() => {})
    return check
  }

  async #hold(type: AnyJobType, data: unknown, options: EnqueueOptions): Promise<undefined> {
    if (this.#checks.length >= MAX_FOLLOW_UPS) {
      throw new OptionError(`a job holds at most ${MAX_FOLLOW_UPS} follow-up jobs; send more with { now: true }`)
    }
    const at = this.#checks.length
    this.#specs[at] = await toSpec(type, data, options)
    return undefined
  }

  /** The held jobs, once all are checked. Rejects with the first failure. */
  async checked(): Promise<readonly JobSpec[]> {
    await Promise.all(this.#checks)
    return this.#specs
  }
}
