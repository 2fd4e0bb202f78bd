import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Miniflare } from 'miniflare'
import { HarnessError } from '../../errors.ts'
import { LOAD_LIMIT_MS } from '../child-process.ts'
import type { StartOptions } from '../driver.ts'
import { guard } from '../guardian.ts'
import { MAX_TAIL } from '../output-tail.ts'
import { EXACT_ENVIRONMENT } from '../process-driver.ts'
import { EXACT_FLAGS, YOUNG_FLAGS } from '../v8-flags.ts'
import { Isolate } from './isolate.ts'
import type { MiniflareLibrary } from './peers.ts'
import { kill, type StartedMiniflare, startMiniflare, type WorkerOptions } from './start-miniflare.ts'

/** How long it is waited for the word that a workerd has gone, once it has stopped answering, in ms. */
const GONE_MS = 1_000

/** What workerd says of itself and nobody can do anything about. */
const ITS_OWN = /^NOSENTRY/

/** Why a workerd is silent, and what to do, by what it was doing. */
const STALLS = {
  load: 'the Worker did not start, or its set-up did not end; mend it, or raise --stall for a slow one',
  run: 'a job never settled, or its loop never ended; give jobs a timeout of their own, or raise --stall for slow ones',
  look: 'its inspector did not answer',
  end: 'the teardown did not end',
} as const

/** What a workerd is doing. */
export type Doing = keyof typeof STALLS

/** What a workerd is started with. */
export interface WorkerdOptions extends Pick<StartOptions, 'mode' | 'stallMs' | 'signal'> {
  readonly library: MiniflareLibrary
  /** Its Workers, the one under test first. */
  readonly workers: readonly [WorkerOptions, ...WorkerOptions[]]
  /** Puts into the folder of the bindings' state what is to be there from the start. */
  readonly fillState?: (folder: string) => Promise<void>
}

/**
 * A process of workerd and the inspector of one of its Workers.
 *
 * It is `open` from its start until something ends it, and `ended` from then on: a crash, a stall, the signal, or being
 * disposed. What ends it fails all that is under way, and whatever comes later.
 */
export class WorkerdProcess implements AsyncDisposable {
  /** Jobs done, for messages. */
  jobs = 0
  readonly #options: WorkerdOptions
  readonly #pending = new Set<(error: HarnessError) => void>()
  readonly #abort: () => void
  readonly #stop = new AbortController()
  #ended: HarnessError | undefined
  #output = ''
  #folder: string | undefined
  #starting: Promise<StartedMiniflare> | undefined
  #started: StartedMiniflare | undefined
  #isolate: Isolate | undefined
  #release: (() => void) | undefined
  readonly #owned: Disposable[] = []

  private constructor(options: WorkerdOptions) {
    this.#options = options
    const { signal } = options
    this.#abort = () =>
      this.#end(
        new HarnessError('HARNESS_ABORTED', `the run was aborted after about ${this.jobs} jobs`, {
          cause: signal.reason,
        }),
      )
    if (signal.aborted) this.#abort()
    else signal.addEventListener('abort', this.#abort, { once: true })
  }

  /**
   * Starts a workerd with its Workers.
   * @throws {HarnessError} `HARNESS_LOAD` when a Worker cannot be started.
   */
  static async start(options: WorkerdOptions): Promise<WorkerdProcess> {
    const process = new WorkerdProcess(options)
    try {
      await process.during('load', () => process.#start())
      return process
    } catch (error) {
      await process[Symbol.asyncDispose]()
      throw error
    }
  }

  get miniflare(): Miniflare {
    return (this.#started as StartedMiniflare).miniflare
  }

  /** Undefined where the system does not tell. */
  get pid(): number | undefined {
    return this.#started?.pid
  }

  get isolate(): Isolate {
    return this.#isolate as Isolate
  }

  /**
   * Waits for something that the process does, for as long as a job may take and `extraMs` more.
   * @throws {HarnessError} what ended the process meanwhile.
   */
  async during<Result>(doing: Doing, work: () => Promise<Result>, extraMs = 0): Promise<Result> {
    if (this.#ended) throw this.#ended
    const { stallMs } = this.#options
    const limitMs = extraMs + (doing === 'load' ? Math.max(LOAD_LIMIT_MS, stallMs) : stallMs)
    let fail: (error: HarnessError) => void = () => {}
    const ended = new Promise<never>((_, reject) => {
      fail = reject
    })
    this.#pending.add(fail)
    const timer = setTimeout(() => {
      const silence = `nothing was heard of workerd for ${limitMs / 1000} s, after about ${this.jobs} jobs`
      this.#end(new HarnessError('HARNESS_STALLED', `${silence}: ${STALLS[doing]}`))
    }, limitMs)
    try {
      const worked = work()
      worked.catch(() => {})
      return await Promise.race([worked, ended])
    } catch (error) {
      throw await this.#reasonOf(error)
    } finally {
      clearTimeout(timer)
      this.#pending.delete(fail)
    }
  }

  /** Ends something with the process. */
  owns<Owned extends Disposable>(owned: Owned): Owned {
    this.#owned.push(owned)
    return owned
  }

  /** What was printed last. */
  get output(): string {
    return this.#output.trim()
  }

  /** Ends it if it has not ended. Can be called at any time, and again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new HarnessError('HARNESS_ABORTED', 'the process was ended'))
    const started = await this.#starting?.catch(() => undefined)
    await started?.miniflare.dispose().catch(() => {})
    this.#release?.()
    this.#release = undefined
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const { library, workers, mode, fillState } = this.#options
    const exact = mode === 'exact'
    this.#folder = await mkdtemp(join(tmpdir(), 'leak-harness-workerd-'))
    await fillState?.(this.#folder)
    try {
      this.#starting = startMiniflare({
        miniflare: library,
        workers,
        state: this.#folder,
        v8Flags: ['--expose-gc', ...(exact ? [...EXACT_FLAGS, ...YOUNG_FLAGS] : [])],
        environment: exact ? EXACT_ENVIRONMENT : {},
        onOutput: (text) => {
          if (!ITS_OWN.test(text)) this.#output = `${this.#output}${text}\n`.slice(-MAX_TAIL)
        },
        onCrash: () => this.#end(this.#exitError()),
        signal: this.#stop.signal,
      })
      this.#started = await this.#starting
    } catch (cause) {
      const reason = this.output || (cause instanceof Error ? cause.message : String(cause))
      throw new HarnessError('HARNESS_LOAD', `the Worker cannot be started: ${reason}`, { cause })
    }
    if (this.#started.pid !== undefined) this.#release = guard(this.#started.pid)
    const inspector = await this.miniflare.getInspectorURL()
    this.#isolate = this.owns(await Isolate.open(new URL(`/core:user:${workers[0].name}`, inspector)))
  }

  #end(error: HarnessError): void {
    if (this.#ended) return
    this.#ended = error
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#stop.abort(error)
    for (const fail of this.#pending) fail(error)
    for (const owned of this.#owned) owned[Symbol.dispose]()
    // Told first, so that it starts no other; and killed, as one that loops is not to be waited for.
    this.#started?.miniflare.dispose().catch(() => {})
    kill(this.pid)
  }

  /** A connection that breaks is the first sign of a crash; the second one says more. */
  async #reasonOf(error: unknown): Promise<unknown> {
    if (error instanceof HarnessError && error.code !== 'HARNESS_PROTOCOL') return error
    let timer: NodeJS.Timeout | undefined
    let tell: (reason: HarnessError | undefined) => void = () => {}
    const told = new Promise<HarnessError | undefined>((resolve) => {
      tell = resolve
      timer = setTimeout(() => resolve(undefined), GONE_MS)
    })
    this.#pending.add(tell)
    const reason = this.#ended ?? (await told)
    clearTimeout(timer)
    this.#pending.delete(tell)
    if (reason) return reason
    if (error instanceof HarnessError) return error
    const text = error instanceof Error ? error.message : String(error)
    return new HarnessError('HARNESS_PROTOCOL', `workerd did not answer: ${text}`, { cause: error })
  }

  #exitError(): HarnessError {
    const last = this.output === '' ? '' : `; the last it wrote:\n${this.output}`
    if (/heap out of memory|Allocation failed/.test(this.output))
      return new HarnessError(
        'HARNESS_OUT_OF_MEMORY',
        `workerd ran out of memory after ${this.jobs} jobs; replay fewer jobs (--jobs) to see what grows${last}`,
      )
    return new HarnessError(
      'HARNESS_EXITED',
      `workerd ended after ${this.jobs} jobs; a handler must not end or crash its process${last}`,
    )
  }
}
