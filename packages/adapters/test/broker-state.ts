import type { Broker, DeadLetter, JobStatus } from '@isobar/core'

/** Jobs that are not over yet. */
export async function countLeft(broker: Broker, queues: readonly string[]): Promise<number> {
  const stats = await broker.stats(queues)
  return stats.reduce((left, { ready, delayed, active }) => left + ready + delayed + active, 0)
}

/** All dead letters. */
export async function readDead(broker: Broker): Promise<DeadLetter[]> {
  const all: DeadLetter[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await broker.deadLetters.list({ limit: 100, ...(cursor !== undefined && { cursor }) })
    all.push(...page.items)
    if (page.cursor === undefined) return all
    cursor = page.cursor
  }
}

/** What the broker says of each of these jobs. */
export async function readStatuses(
  broker: Broker,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, JobStatus | undefined>> {
  const statuses = new Map<string, JobStatus | undefined>()
  for (const id of new Set(ids)) statuses.set(id, await broker.get(id))
  return statuses
}
