import { constants } from 'node:os'
import process from 'node:process'

/** The signals that ask a worker to stop: of service managers and of terminals. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** A process that belongs to a worker. */
export interface OwnedProcess {
  /** Takes all listeners away. */
  release(): void
  /**
   * Ends the process, once released. Of several workers in one process the last one ends it, with the worst code; the
   * others are asked to stop.
   */
  exit(code: number): void
}

/** How to stop the workers that own this process. */
const owners = new Set<() => void>()
let worst = 0

/**
 * Listens for what concerns a worker's process: the first signal to stop calls back, a second one ends the process at
 * once with 128 + its number; an unhandled rejection is told and ends nothing, as the jobs beside it go on.
 */
export function ownProcess(stop: () => void): OwnedProcess {
  owners.add(stop)
  let asked = false
  const onSignal = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(128 + constants.signals[signal])
    asked = true
    stop()
  }
  const onRejection = (error: unknown): void => {
    console.error(
      'isobar: a promise was rejected and nobody handled it; the worker goes on, and the promise should be awaited in its handler',
      error,
    )
  }
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal)
  process.on('unhandledRejection', onRejection)
  return {
    release() {
      owners.delete(stop)
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal)
      process.off('unhandledRejection', onRejection)
    },
    exit(code) {
      worst = Math.max(worst, code)
      if (owners.size === 0) process.exit(worst)
      for (const other of owners) other()
    },
  }
}
