import type { Host } from './host.ts'

/** How long a slot is left alone that has refused a job, in ms: it may be back by then. */
const REFUSED_PAUSE_MS = 10

/**
 * How long a slot may refuse that none of our jobs is in, in ms; then another isolate takes its place. What is cut off by
 * the platform does not count itself out, and an isolate in which that happened would wait for it for ever.
 */
const REFUSING_MS = 250

/** One of the slots, as an invocation sees it. */
export interface Slot {
  readonly at: number
  /** Of the jobs that it was given. */
  readonly hosts: Set<Host>
  refusedAt: number
  /** Since when it has refused all; undefined when it took the last. */
  refusingSince: number | undefined
}

/** The slot that has the least to do, of those that have not just refused a job. */
export function pick(slots: readonly Slot[]): Slot {
  const now = Date.now()
  const willing = slots.filter(({ refusedAt }) => now - refusedAt >= REFUSED_PAUSE_MS)
  return (willing.length > 0 ? willing : slots).reduce((a, b) => (b.hosts.size < a.hosts.size ? b : a))
}

/** Notes whether a slot has refused a job; answers whether it has done so for too long, with none of ours in it. */
export function isStranded(slot: Slot, refused: boolean): boolean {
  if (!refused) {
    slot.refusingSince = undefined
    return false
  }
  slot.refusedAt = Date.now()
  slot.refusingSince ??= slot.refusedAt
  return slot.refusedAt - slot.refusingSince >= REFUSING_MS && ![...slot.hosts].some(({ hasStarted }) => hasStarted)
}
