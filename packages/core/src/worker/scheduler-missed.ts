/** Answers the first tick after a time, in whole ms; undefined when there is none. */
export type NextTick = (after: number) => number | undefined

/**
 * The newest ticks after one time and up to another, at most `count` of them, oldest first. However many there are in
 * between, `next` is asked a few times a tick that is answered: a tick each second and a year of downtime would be 31
 * million.
 */
export function newestTicks(next: NextTick, after: number, until: number, count: number): readonly number[] {
  const first: number[] = []
  for (let tick = next(after); tick !== undefined && tick <= until; tick = next(tick)) {
    if (first.length === count) return fromTheEnd(next, after, until, count)
    first.push(tick)
  }
  return first
}

/** The newest of more than `count` ticks. */
function fromTheEnd(next: NextTick, after: number, until: number, count: number): readonly number[] {
  const ticks: number[] = []
  let before = until + 1
  let gap = 1
  while (ticks.length < count) {
    const tick = tickBefore(next, after, before, gap)
    if (tick === undefined) break
    // The gap to the one before it is likely the same.
    if (ticks.length > 0) gap = before - tick
    ticks.push(tick)
    before = tick
  }
  return ticks.reverse()
}

/** The last tick after one time and before another: looked for ever further back, then closed in on from both sides. */
function tickBefore(next: NextTick, after: number, before: number, gap: number): number | undefined {
  const firstAfter = (time: number): number | undefined => {
    const tick = next(time)
    return tick !== undefined && tick < before ? tick : undefined
  }
  let found: number | undefined
  let high = before
  for (let span = gap; found === undefined; span *= 2) {
    const low = Math.max(after, before - span - 1)
    found = firstAfter(low)
    if (found === undefined) {
      if (low === after) return undefined
      high = low
    }
  }
  // No tick lies between `high` and `before`.
  for (;;) {
    const later = firstAfter(found)
    if (later === undefined) return found
    const middle = Math.floor((later + high) / 2)
    const closer = firstAfter(middle)
    if (closer === undefined) high = middle
    found = closer ?? later
  }
}
