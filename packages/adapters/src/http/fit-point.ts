import type { LivePoint } from './contract.ts'

/** Bytes of a server-sent event at most, with its frame. */
export const MAX_EVENT_BYTES = 4_000

/** What the frame around a point takes: its event's name, its fields and their ends. */
const FRAME_BYTES = 64

/** Bytes of a point as JSON at most. */
export const MAX_POINT_BYTES: number = MAX_EVENT_BYTES - FRAME_BYTES

/** Characters of a name that are kept, tried one after the other until a point is small enough. */
const NAME_LENGTHS: readonly number[] = [200, 100, 64, 40, 24]

const encoder = new TextEncoder()

/**
 * Makes points small: names lose their middles, and where that is not enough lists lose their ends. A name that was cut
 * stays cut, so that a line in a chart keeps its name.
 */
export class PointFitter {
  #level = 0

  /** A point as JSON of at most `MAX_POINT_BYTES`. */
  fit(point: LivePoint): string {
    for (; this.#level < NAME_LENGTHS.length - 1; this.#level++) {
      const text = JSON.stringify(withNames(point, NAME_LENGTHS[this.#level] as number))
      if (isSmall(text)) return text
    }
    return JSON.stringify(withoutEnds(withNames(point, NAME_LENGTHS.at(-1) as number)))
  }
}

/** Drops the last of the list that takes most, until it fits. */
function withoutEnds(point: LivePoint): LivePoint {
  const lists = (['types', 'slots', 'queues', 'recycles'] as const).map((name) => {
    const sizes = point[name].map((item) => sizeOf(JSON.stringify(item)) + 1)
    return { name, sizes, bytes: sizes.reduce((sum, size) => sum + size, 0) }
  })
  let excess = sizeOf(JSON.stringify(point)) - MAX_POINT_BYTES
  while (excess > 0) {
    const longest = lists.reduce((most, list) => (list.bytes > most.bytes ? list : most))
    const dropped = longest.sizes.pop()
    if (dropped === undefined) break
    longest.bytes -= dropped
    excess -= dropped
  }
  return { ...point, ...Object.fromEntries(lists.map(({ name, sizes }) => [name, point[name].slice(0, sizes.length)])) }
}

function withNames(point: LivePoint, length: number): LivePoint {
  return {
    ...point,
    types: point.types.map(([name, ...rest]) => [cutMiddle(name, length), ...rest]),
    queues: point.queues.map(([queue, ...rest]) => [cutMiddle(queue, length), ...rest]),
    recycles: point.recycles.map(([slot, cause, message]) => [slot, cause, message.slice(0, 2 * length)]),
  }
}

function cutMiddle(name: string, length: number): string {
  if (name.length <= length) return name
  const end = (length - 1) >> 1
  return `${name.slice(0, length - 1 - end)}…${name.slice(-end)}`
}

function isSmall(text: string): boolean {
  return sizeOf(text) <= MAX_POINT_BYTES
}

function sizeOf(text: string): number {
  return encoder.encode(text).length
}
