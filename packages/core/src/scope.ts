import { ScopeDisposedError } from './errors.ts'

/** Undoes one acquisition. */
type Release = () => unknown

/** Something that knows how to end itself: files, connections, locks, timers. */
export type AnyDisposable = Disposable | AsyncDisposable

/** Told of each scope that opens and closes, while a test watches (see `trackScopes` in `@isobar/core/testing`). */
export interface ScopeObserver {
  opened(scope: Scope): void
  closed(scope: Scope): void
}

let observer: ScopeObserver | undefined

/** Puts an observer in place, or none. For tests; one at a time. */
export function observeScopes(next: ScopeObserver | undefined): void {
  observer = next
}

/**
 * What has been acquired, released last-in-first-out. The same as the language's `AsyncDisposableStack`, on runtimes
 * that have it and on those that do not, with one addition: what is handed to a scope that is already disposed (by a
 * handler that was given up and goes on) is released at once, instead of being left open. Works with `await using`.
 *
 * @example
 * await using scope = new Scope()
 * const file = scope.use(await open(path))
 * scope.defer(() => unlink(path))
 */
export class Scope implements AsyncDisposable {
  #releases: Release[] | undefined = []
  readonly #onLateError: ((error: unknown) => void) | undefined

  /** `onLateError` hears of errors of releases that nobody awaits: those of things handed over after disposal. */
  constructor(onLateError?: (error: unknown) => void) {
    this.#onLateError = onLateError
    observer?.opened(this)
  }

  /** Whether it was disposed or moved. */
  get disposed(): boolean {
    return this.#releases === undefined
  }

  /**
   * Owns a disposable and returns it. `null` and `undefined` are let through.
   * @throws {TypeError} when the value has no dispose method.
   * @throws {ScopeDisposedError} when the scope is disposed; the value is released at once.
   */
  use<T extends AnyDisposable | null | undefined>(value: T): T {
    this.#add(value === null || value === undefined ? () => {} : releaseOf(value))
    return value
  }

  /**
   * Owns a value that is not disposable itself, with the function that ends it, and returns the value.
   * @throws {ScopeDisposedError} when the scope is disposed; `onDispose` is called at once.
   */
  adopt<T>(value: T, onDispose: (value: T) => unknown): T {
    assertFunction(onDispose)
    this.#add(() => onDispose(value))
    return value
  }

  /**
   * Calls a function when the scope ends.
   * @throws {ScopeDisposedError} when the scope is disposed; the function is called at once.
   */
  defer(onDispose: () => unknown): void {
    assertFunction(onDispose)
    this.#add(onDispose)
  }

  /**
   * Hands all it owns to a new scope and is disposed itself, without releasing anything: for resources that outlive
   * the function that opened them.
   * @throws {ScopeDisposedError} when the scope is disposed.
   */
  move(): Scope {
    if (!this.#releases) throw new ScopeDisposedError()
    const moved = new Scope(this.#onLateError)
    moved.#releases = this.#releases
    this.#close()
    return moved
  }

  /**
   * Releases everything, last in first out, each awaited before the next. One that fails does not keep the others from
   * being released: a single error is thrown as it is, several as nested `SuppressedError`s, the last one outermost.
   * A second call does nothing.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const releases = this.#releases
    if (!releases) return
    this.#close()
    let failed = false
    let failure: unknown
    for (let release = releases.pop(); release; release = releases.pop()) {
      try {
        await release()
      } catch (error) {
        failure = failed ? suppressed(error, failure) : error
        failed = true
      }
    }
    if (failed) throw failure
  }

  /** The same as `[Symbol.asyncDispose]()`, by name. */
  disposeAsync(): Promise<void> {
    return this[Symbol.asyncDispose]()
  }

  #close(): void {
    this.#releases = undefined
    observer?.closed(this)
  }

  #add(release: Release): void {
    if (this.#releases) {
      this.#releases.push(release)
      return
    }
    new Promise((resolve) => resolve(release())).catch((error: unknown) => this.#onLateError?.(error))
    throw new ScopeDisposedError()
  }
}

function releaseOf(value: AnyDisposable): Release {
  const { [Symbol.asyncDispose]: asyncDispose, [Symbol.dispose]: dispose } = value as Partial<
    AsyncDisposable & Disposable
  >
  if (asyncDispose != null) {
    assertFunction(asyncDispose)
    return () => asyncDispose.call(value)
  }
  assertFunction(dispose)
  return () => {
    // A synchronous dispose method is not awaited, whatever it returns: so the language has it.
    dispose.call(value)
  }
}

function assertFunction(value: unknown): asserts value is (...args: unknown[]) => unknown {
  if (typeof value !== 'function') throw new TypeError('no dispose method was found')
}

/** The language's `SuppressedError`, or one of the same shape on runtimes without it (Node 22). */
function suppressed(error: unknown, before: unknown): Error {
  const message = 'An error was suppressed during disposal'
  const { SuppressedError: Native } = globalThis as { SuppressedError?: SuppressedErrorConstructor }
  if (Native) return new Native(error, before, message)
  return Object.assign(new Error(message), { name: 'SuppressedError', error, suppressed: before })
}
