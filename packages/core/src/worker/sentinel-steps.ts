import { type Rows, residuals } from './least-squares.ts'

/** The first steps of an isolate, in which it warms up: they never show that a leak goes on. */
const WARM_UP_STEPS = 4

/** Rises that are taken for one-off in a window; more of them are no longer one-off, and count. */
const MAX_JUMPS = 3

/** A rise is a jump above so many standard deviations of the others. */
const JUMP = 8

/** A step as the sentinel keeps it. */
export interface Kept {
  readonly bytes: number
  readonly isolate: string | undefined
  /** Slots of the types that ran. */
  readonly slots: readonly number[]
  /** Their jobs, in the same order. */
  readonly counts: readonly number[]
}

/** A step among those of its isolate. */
export interface Placed {
  readonly step: Kept
  /** It does not follow the one before it. */
  readonly starts: boolean
  /** In the later half of its isolate's steps. */
  readonly late: boolean
}

/** Puts the steps of each isolate together, in order. */
export function place(kept: readonly Kept[]): readonly Placed[] {
  const series = new Map<string | undefined, Kept[]>()
  for (const step of kept) {
    const own = series.get(step.isolate)
    if (own) own.push(step)
    else series.set(step.isolate, [step])
  }
  return [...series.values()].flatMap((own) =>
    own.map((step, n) => ({ step, starts: n === 0, late: n >= Math.max(WARM_UP_STEPS, own.length / 2) })),
  )
}

/** The steps without rises that happened once. */
export function withoutJumps(all: readonly Placed[], slots: readonly number[]): readonly Placed[] {
  let steps = all
  for (let cut = 0; ; cut++) {
    const jump = findJump(steps, slots)
    if (jump === undefined) return steps
    // So many are no longer one-off.
    if (cut === MAX_JUMPS) return all
    steps = steps.flatMap((placed, n) => {
      if (n === jump) return []
      return n === jump + 1 ? { ...placed, starts: true } : placed
    })
  }
}

/** The highest of the rises that stand out, unless the next step takes it back: that was a wild reading. */
function findJump(steps: readonly Placed[], slots: readonly number[]): number | undefined {
  const rest = residuals(toRows(steps, slots))
  const sizes = rest.map(Math.abs).sort()
  // 1.4826: from the median of the sizes to the standard deviation, for normal noise.
  const scale = 1.4826 * (sizes[sizes.length >> 1] ?? 0)
  let jump: number | undefined
  let highest = JUMP * scale
  for (const [n, rise] of rest.entries()) {
    const next = steps[n + 1]?.starts === false ? (rest[n + 1] ?? 0) : 0
    if (rise <= highest || next < -rise / 2) continue
    jump = n
    highest = rise
  }
  return jump
}

export function toRows(steps: readonly Placed[], slots: readonly number[]): Rows {
  const columns = slots.length
  const y = new Float64Array(steps.length)
  const x = new Float64Array(steps.length * columns)
  const starts = new Uint8Array(steps.length)
  const columnOf = new Uint32Array(Math.max(0, ...slots) + 1)
  for (const [column, slot] of slots.entries()) columnOf[slot] = column
  for (const [row, { step, starts: start }] of steps.entries()) {
    y[row] = step.bytes
    starts[row] = start ? 1 : 0
    for (const [n, slot] of step.slots.entries()) x[row * columns + (columnOf[slot] ?? 0)] = step.counts[n] ?? 0
  }
  return { count: steps.length, columns, y, x, starts }
}
