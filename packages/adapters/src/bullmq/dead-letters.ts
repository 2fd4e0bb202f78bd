import { type DeadLetter, type DeadLetterSelection, type DeadLetters, type DeadReason, OptionError } from '@isobar/core'
import { type Place, pageOf, startOf, toCursor } from './dead-page.ts'
import { toPayload } from './deliveries.ts'
import { Bases, toId, toJobKey } from './keys.ts'
import { type LookupContext, toError } from './lookup.ts'
import type { BullmqSettings } from './options.ts'
import { toPriority } from './priorities.ts'

/** Dead letters in a page, when nobody says. */
const DEFAULT_PAGE = 50

/** Dead letters in a page at most; asking for more gives this many. */
const MAX_PAGE = 1_000

/** Dead letters that one script redrives or discards. */
const CHUNK = 500

const LIST = 'list dead letters'

/** The fields of a dead letter, as `lua/dead.ts` answers them. */
type Fields = readonly (string | null)[]

/**
 * The dead letters: the jobs in BullMQ's own `failed` sets, which its dashboards show, with the reason and the error in
 * fields of their own. What a worker of BullMQ failed is one too, `exhausted`. `wake` is called when jobs are back.
 */
export function createDeadLetters(context: LookupContext, wake: () => void): DeadLetters {
  const { connection, keys, settings } = context

  const queuesOf = async (queue: string | undefined): Promise<readonly string[]> =>
    queue === undefined ? (await connection.ask(LIST, (client) => client.smembers(keys.queues))).sort() : [queue]

  const take = async (how: 'redrive' | 'discard', which: DeadLetterSelection): Promise<number> => {
    const action = `${how} dead letters`
    const takeIds = async (jobs: readonly (readonly [queue: string, id: string])[]): Promise<number> =>
      Number(await connection.run(action, 'deadTake', [keys.queues], [keys.prefix, how, ...jobs.flat()]))
    connection.assertOpen(action)
    let taken = 0
    if ('ids' in which) {
      const jobs = [...new Set(which.ids)].map(toJobKey)
      for (let at = 0; at < jobs.length; at += CHUNK) {
        taken += await takeIds(jobs.slice(at, at + CHUNK).map(({ queue, id }) => [queue, id]))
      }
      return taken
    }
    const { queue } = which
    const failed = `${keys.base(queue)}failed`
    const [, newest] = await connection.ask(action, (client) =>
      client.call('ZRANGE', failed, '-1', '-1', 'WITHSCORES').then(flatten),
    )
    while (newest !== undefined) {
      // Not those that die again meanwhile.
      const ids = await connection.ask(action, (client) =>
        client.zrangebyscore(failed, '-inf', newest, 'LIMIT', 0, CHUNK),
      )
      const count = ids.length > 0 ? await takeIds(ids.map((id) => [queue, id])) : 0
      taken += count
      if (count === 0) break
    }
    return taken
  }

  const fetch = async (places: readonly Place[]): Promise<DeadLetter[]> => {
    if (places.length === 0) return []
    const bases = new Bases(keys)
    const values = places.flatMap(({ queue, id }) => [bases.place(queue), id])
    const answer = (await connection.run(LIST, 'deadFetch', bases.keys, values)) as readonly Fields[]
    return places.flatMap((place, at) => toDeadLetter(place, answer[at] ?? [], settings) ?? [])
  }

  return {
    async list({ queue, limit, cursor } = {}) {
      connection.assertOpen(LIST)
      const most = Math.max(1, Math.min(Math.floor(limit ?? DEFAULT_PAGE) || 1, MAX_PAGE))
      const after = cursor === undefined ? undefined : startOf(cursor)
      if (after === null) {
        throw new OptionError(
          `dead letters cannot be listed from cursor ${JSON.stringify(cursor)}; pass the cursor of the page before, or none`,
        )
      }
      const queues = await queuesOf(queue)
      if (queues.length === 0) return { items: [] }
      const page = await pageOf(
        connection,
        queues.map((name) => [name, keys.base(name)]),
        most,
        after,
      )
      const last = page.places.at(-1)
      return { items: await fetch(page.places), ...(page.isMore && last && { cursor: toCursor(last) }) }
    },
    async redrive(which) {
      const redriven = await take('redrive', which)
      if (redriven > 0) wake()
      return redriven
    },
    discard: (which) => take('discard', which),
  }
}

function toDeadLetter(
  { queue, id, diedAt }: Place,
  fields: Fields,
  { priorities, can }: BullmqSettings,
): DeadLetter | undefined {
  const [name, data, priority, failures, crashes, timestamp, reason, error, failedReason, redrives, tenant] = fields
  // Redriven or discarded since the page was made.
  if (name === undefined || name === null) return undefined
  return {
    id: toId(queue, id),
    name,
    queue,
    priority: toPriority(Number(priority ?? 0), priorities),
    reason: (reason ?? 'exhausted') as DeadReason,
    error: toError(error, failedReason) ?? { name: 'Error', message: 'it failed without a reason' },
    attempts: Number(failures ?? 0),
    crashes: Number(crashes ?? 0),
    enqueuedAt: Number(timestamp),
    diedAt,
    redrives: Number(redrives ?? 0),
    ...(tenant !== null && tenant !== undefined && { tenant }),
    payload: toPayload(data ?? 'null', can.maxBytes),
  }
}

/** Answers of `WITHSCORES` are nested in one version of the protocol and flat in the other. */
const flatten = (answer: unknown): string[] => (answer as unknown[]).flat().map(String)
