import { type Death, IsolateDiedError } from './death.ts'
import { Guardian } from './guardian.ts'
import { Isolate, type IsolateListener } from './isolate.ts'
import type { Manifest } from './manifest.ts'
import type { PoolSettings } from './settings.ts'

/** Between starts of isolates that fail, in ms: 250, 500 … at most 30 s. */
const BACKOFF_MS = { first: 250, most: 30_000 }

/** So many failures in a row are no accident. */
const FAILING_STARTS = 5

/**
 * Starts isolates, each with somebody who ends it should this process die. The first one says whether the app can be
 * loaded at all; after that a start that fails is told, and tried again after a while.
 */
export class Starts implements AsyncDisposable {
  /** Starts that failed. */
  failed = 0
  readonly #settings: PoolSettings
  readonly #guardian = new Guardian()
  readonly #loaded: Promise<Manifest>
  #resolve: (manifest: Manifest) => void = () => {}
  #reject: (error: Error) => void = () => {}
  #hasLoaded = false
  /** Failures in a row. */
  #failures = 0
  #retryAt = 0
  #retry: NodeJS.Timeout | undefined

  constructor(settings: PoolSettings) {
    this.#settings = settings
    this.#loaded = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Whoever awaits it hears of a failure; nobody may.
    this.#loaded.catch(() => {})
  }

  /** Resolves when the first isolate has loaded its app; rejects when that fails. */
  loaded(): Promise<Manifest> {
    return this.#loaded
  }

  /** Whether more than one may be started: it is known that the app can be loaded. */
  get hasLoaded(): boolean {
    return this.#hasLoaded
  }

  /** Whether the last start failed. */
  get hasJustFailed(): boolean {
    return this.#failures > 0
  }

  /** Whether the last starts have all failed. */
  get isFailing(): boolean {
    return this.#failures >= FAILING_STARTS
  }

  /** Starts one; while that is to wait, answers undefined and calls back when it is time. */
  start(listener: IsolateListener, later: () => void): Isolate | undefined {
    const wait = this.#retryAt - performance.now()
    if (wait > 0) {
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined
        later()
      }, wait)
      return undefined
    }
    try {
      const isolate = new Isolate(this.#settings, listener)
      if (isolate.pid !== undefined) this.#guardian.add(isolate.pid)
      return isolate
    } catch (error) {
      // As where there are no descriptors left: a supervisor must not die of it.
      this.#fail(new IsolateDiedError('an isolate could not be started; see cause', { cause: error }))
      return this.#hasLoaded ? this.start(listener, later) : undefined
    }
  }

  /** One has loaded its app. */
  succeeded(manifest: Manifest): void {
    this.#failures = 0
    this.#hasLoaded = true
    this.#resolve(manifest)
  }

  /** One has not. */
  hasFailed({ loadError }: Isolate, death: Death | undefined): void {
    this.#fail(loadError ?? death?.error ?? new IsolateDiedError('an isolate ended before it had loaded'))
  }

  #fail(error: Error): void {
    this.failed++
    this.#failures++
    if (!this.#hasLoaded) return this.#reject(error)
    const wait = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** (this.#failures - 1))
    this.#retryAt = performance.now() + wait
    console.error(
      `isobar: an isolate could not be started (${this.#failures} times in a row); those that serve go on, and the next try is in ${wait} ms`,
      error,
    )
  }

  /** The process of one has ended. */
  ended({ pid }: Isolate): void {
    if (pid !== undefined) this.#guardian.remove(pid)
  }

  /** Starts no more. Those that run are ended by whoever disposes them first. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#retry)
    await this.#guardian[Symbol.asyncDispose]()
  }
}
