import { IsobarError } from '../errors.ts'
import { observeScopes, type Scope } from '../scope.ts'

/** Scopes that opened since `trackScopes` and have not closed. */
export interface ScopeTracker extends Disposable {
  /** Where each open scope was made: its stack. */
  open(): readonly string[]
}

/** Watches scopes open and close. One tracker at a time; dispose it. */
export function trackScopes(): ScopeTracker {
  const stacks = new Map<Scope, string>()
  observeScopes({
    opened: (scope) => stacks.set(scope, new Error('a scope was opened here').stack ?? ''),
    closed: (scope) => stacks.delete(scope),
  })
  return {
    open: () => [...stacks.values()],
    [Symbol.dispose]: () => observeScopes(undefined),
  }
}

/**
 * Runs something and fails when scopes that it opened are still open at its end: jobs not awaited, apps not disposed.
 * @throws {IsobarError} `OPEN_SCOPES`, with the place where the first was made.
 */
export async function failOnOpenScopes<T>(work: () => T | Promise<T>): Promise<T> {
  const tracker = trackScopes()
  try {
    const result = await work()
    const open = tracker.open()
    if (open.length > 0) {
      throw new IsobarError(
        'OPEN_SCOPES',
        `${open.length} scopes are still open; await what uses them, and dispose the app. The first: ${open[0]}`,
      )
    }
    return result
  } finally {
    tracker[Symbol.dispose]()
  }
}
