import type { HookEvents } from '@isobar/core'

/** Least time between two lines about the same action, in ms: a broker that is gone fails several times a second. */
const QUIET_MS = 10_000

/** Tells on stderr that a broker fails, once in 10 s for each action: a worker that waits for its broker must not be silent. */
export function tellBrokerErrors(now: () => number): (event: HookEvents['brokerError']) => void {
  const toldAt = new Map<string, number>()
  return ({ workerId, action, error }) => {
    if (now() - (toldAt.get(action) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    toldAt.set(action, now())
    console.error(`isobar: the broker of worker ${workerId} failed to ${action}; it is tried again`, error)
  }
}
