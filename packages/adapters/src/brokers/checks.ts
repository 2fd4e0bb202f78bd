import { OptionError, UnsupportedError } from '@isobar/core'

/** @throws {OptionError} for a lease that cannot be kept. */
export function assertLease(leaseMs: number): void {
  if (leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY) return
  throw new OptionError(`a lease of ${leaseMs} ms cannot be kept; give a finite number above 0`)
}

/** @throws {UnsupportedError} for more jobs to settle than a broker takes at once. */
export function assertSettled(broker: string, jobs: number, maxBatch: number): void {
  if (jobs <= maxBatch) return
  throw new UnsupportedError(broker, `settle ${jobs} jobs at once`, `settle at most ${maxBatch} at a time`)
}
