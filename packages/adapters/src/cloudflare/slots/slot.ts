import { abortIsolate, WorkerEntrypoint } from 'cloudflare:workers'
import { type AbortReason, type App, type JobRun, ShutdownError, type StoredJob, TimeoutError } from '@isobar/core'
import type { SerializedError } from '@isobar/core/codec'
import { JobCanceledError, LeaseLostError } from '@isobar/core/worker'
import { toSlotEnv } from './slot-env.ts'
import { type JobHost, type SlotAnswer, toDelivery, toWireOutcome } from './wire.ts'

/** How long a slot that is done waits before it ends its isolate, in ms: until its last answer is out. */
const END_AFTER_MS = 1

/** Of this isolate. */
let begun = 0
let running = 0

/** The class that a slot's module exports as default: what `toSlot` makes. */
export type SlotClass = new (
  ...args: ConstructorParameters<typeof WorkerEntrypoint>
) => { run(job: StoredJob, host: JobHost, limits: { readonly jobs: number }): Promise<SlotAnswer> }

/**
 * An app as the module of a slot: bundled, it is the `code` of `slots`. Providers get the bindings that `slots` names as
 * they get them in the main Worker.
 *
 * @example
 * // slot.ts
 * export default toSlot<Env>(app.provide(database, { lifetime: 'invocation', create: ({ env }) => open(env.DB) }))
 *
 * @throws {MissingProviderError}
 */
export function toSlot<Env>(app: App<Env>): SlotClass {
  app.ready()
  return class Slot extends WorkerEntrypoint {
    async run(job: StoredJob, host: JobHost, limits: { readonly jobs: number }): Promise<SlotAnswer> {
      if (begun >= limits.jobs) return { refused: true }
      begun++
      running++
      try {
        // Awaited, as a handler that blocks or dies at once would keep it from going out.
        await host.started()
        return { outcome: toWireOutcome(await runIn(app, toSlotEnv(this.env) as Env, job, host)) }
      } finally {
        running--
        if (begun >= limits.jobs && running === 0) this.ctx.waitUntil(end())
      }
    }
  }
}

async function runIn<Env>(app: App<Env>, env: Env, job: StoredJob, host: JobHost): ReturnType<App<Env>['run']> {
  const invocation = app.invocation(env)
  const progress = new ProgressLine(host)
  const run: JobRun = app.start(toDelivery(job), {
    ...{ env, invocation },
    progress: (value) => progress.tell(value),
    sender: { send: (specs) => host.send(specs) as never },
  })
  host.aborted().then(
    ({ reason, graceMs }) => run.abort(toAbortReason(reason, job), graceMs),
    // The main Worker is gone, and with it whoever would hear of the outcome.
    () => {},
  )
  const outcome = await run.outcome
  await progress.told()
  await invocation[Symbol.asyncDispose]()
  return outcome
}

/** Tells one value at a time, in order; of those that come meanwhile the last. */
class ProgressLine {
  readonly #host: JobHost
  #next: { readonly value: unknown } | undefined
  #telling: Promise<void> | undefined

  constructor(host: JobHost) {
    this.#host = host
  }

  tell(value: unknown): void {
    this.#next = { value }
    this.#telling ??= this.#tellAll()
  }

  /** Resolves when all has been told. */
  async told(): Promise<void> {
    await this.#telling
  }

  async #tellAll(): Promise<void> {
    for (let next = this.#next; next; next = this.#next) {
      this.#next = undefined
      // Progress that cannot be told changes nothing for its job.
      await this.#host.progress(next.value).catch(() => {})
    }
    this.#telling = undefined
  }
}

function toAbortReason({ code, message }: SerializedError, job: StoredJob): AbortReason {
  if (code === 'JOB_TIMEOUT') return Object.assign(new TimeoutError(job, 0), { message })
  if (code === 'JOB_CANCELED') return new JobCanceledError(job)
  return code === 'LEASE_LOST' ? new LeaseLostError(job) : new ShutdownError(job)
}

async function end(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, END_AFTER_MS))
  if (running === 0) abortIsolate('isobar: this slot has done its jobs')
}
