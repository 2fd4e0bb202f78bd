import { totalmem } from 'node:os'
import { readContainerLimit } from '../cgroup.ts'

/** Share of the container that is left to others: the kernel's part, and what comes on top for a moment. */
const MARGIN = 0.1

/** Bytes that are counted for the supervisor itself. */
const SUPERVISOR = 150 * 2 ** 20

/** The least that an isolate is given, in bytes. */
const LEAST = 64 * 2 ** 20

/** Memory of the container, or of the machine where there is no limit, in bytes. */
export function memoryAtHand(): number {
  return Math.min(readContainerLimit() ?? Number.POSITIVE_INFINITY, totalmem())
}

/** Bytes for each of so many processes beside their supervisor. */
export function toBudget(processes: number, available: number = memoryAtHand()): number {
  return Math.max(LEAST, Math.floor((available * (1 - MARGIN) - SUPERVISOR) / processes))
}
