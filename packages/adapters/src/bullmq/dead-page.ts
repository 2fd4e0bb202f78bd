import type { Connection, Value } from './connection.ts'

/** Bytes of data in a page, after which it ends; one dead letter always fits. */
const MAX_PAGE_BYTES = 16_000_000

/** Where a dead letter stands: newest first, at the same ms by queue, then as Redis orders ids, backwards. */
export interface Place {
  readonly queue: string
  readonly id: string
  /** Ms since the epoch. */
  readonly diedAt: number
}

/** A cursor: the place of the last one of a page. */
export function toCursor({ diedAt, queue, id }: Place): string {
  return `${diedAt}:${queue}:${id}`
}

/** The place that a cursor means, or null when it is none. */
export function startOf(cursor: string): Place | null {
  const [, diedAt, queue, id] = /^(\d{1,16}):([^:]+):(.+)$/s.exec(cursor) ?? []
  return queue !== undefined && id !== undefined ? { diedAt: Number(diedAt), queue, id } : null
}

/** How each queue is to be read from: see `lua/dead.ts`. At the same ms the queues come in the order of their names. */
function toStart(queue: string, after: Place | undefined): [how: string, diedAt: Value, id: string] {
  if (!after) return ['all', 0, '']
  if (queue === after.queue) return ['after', after.diedAt, after.id]
  return [queue < after.queue ? 'below' : 'upto', after.diedAt, '']
}

/** The next places after one, of several queues, and whether there are more. */
export async function pageOf(
  connection: Connection,
  queues: readonly (readonly [name: string, base: string])[],
  most: number,
  after: Place | undefined,
): Promise<{ readonly places: readonly Place[]; readonly isMore: boolean }> {
  const starts = queues.flatMap(([name]) => toStart(name, after))
  const keys = queues.map(([, base]) => base)
  const answer = await connection.run('list dead letters', 'deadPage', keys, [most + 1, ...starts])
  const found = (answer as readonly (readonly (string | number)[])[]).flatMap((rows, at) =>
    toPlaces(queues[at]?.[0] ?? '', rows),
  )
  // Stable: within a queue as the server has them.
  found.sort((a, b) => b.diedAt - a.diedAt || (a.queue < b.queue ? -1 : a.queue > b.queue ? 1 : 0))
  const places: Place[] = []
  let bytes = 0
  for (const place of found) {
    bytes += place.bytes
    if (places.length >= most || (places.length > 0 && bytes > MAX_PAGE_BYTES)) return { places, isMore: true }
    places.push(place)
  }
  return { places, isMore: false }
}

function toPlaces(queue: string, rows: readonly (string | number)[]): (Place & { readonly bytes: number })[] {
  const places: (Place & { readonly bytes: number })[] = []
  for (let at = 0; at < rows.length; at += 3) {
    places.push({ queue, id: String(rows[at]), diedAt: Number(rows[at + 1]), bytes: Number(rows[at + 2]) })
  }
  return places
}
