import type { WorkerQueue } from './options.ts'

/** Weight of a queue that has none, among others that have. */
export const DEFAULT_WEIGHT = 1

/**
 * The order in which queues are read now. As they are named; but once one of them has a weight, a random order in which
 * a queue comes first as often as its share of the weights is, second as often as its share of those left, and so on.
 * That is sampling without replacement by exponential keys (Efraimidis and Spirakis, 2006): the smallest of
 * -ln(u) / weight comes first.
 */
export function orderQueues(queues: readonly WorkerQueue[], random: () => number): readonly WorkerQueue[] {
  if (queues.length < 2 || queues.every(({ weight }) => weight === undefined)) return queues
  return queues
    .map((queue) => ({ queue, key: -Math.log(1 - random()) / (queue.weight ?? DEFAULT_WEIGHT) }))
    .sort((a, b) => a.key - b.key)
    .map(({ queue }) => queue)
}
