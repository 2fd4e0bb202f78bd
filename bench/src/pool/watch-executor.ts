import type { Executor, Outcome } from '@isobar/core'

/** What is told of the jobs of an executor. */
export interface ExecutorWatch {
  /** A delivery was handed to it. */
  readonly onStart?: () => void
  /** A delivery has its outcome. */
  readonly onEnd?: (outcome: Outcome) => void
}

/** Tells when an executor is handed jobs and when they have their outcomes: in the same way, wherever their handlers run. */
export function watchExecutor<Watched extends Executor>(executor: Watched, { onStart, onEnd }: ExecutorWatch): Watched {
  const start = executor.start.bind(executor)
  executor.start = (delivery, options) => {
    onStart?.()
    const running = start(delivery, options)
    if (onEnd) void running.outcome.then(onEnd)
    return running
  }
  return executor
}
