import uPlot from 'uplot'
import { need, setText } from './dom.ts'

/** All charts point at the same second: what they have in common is called so. */
export const SYNC = 'time'

/** Between two texts that are told, in ms: a key that is held down is not read out point by point. */
const TOLD_EVERY_MS = 300

/** The second that the keyboard points at, in s since the epoch, the same in all charts; null: none. */
let pointedAt: number | null = null

let words = ''
let timer: ReturnType<typeof setTimeout> | undefined

/** Tells screen readers, not too often, and the newest at last. */
function tell(text: string): void {
  words = text
  if (timer !== undefined) return
  timer = setTimeout(() => {
    timer = undefined
    setText(need('pointed'), words)
  }, TOLD_EVERY_MS)
}

/** Points at a second in all charts; null: at none. */
function pointAt(at: number | null): void {
  pointedAt = at
  const hidden = at === null ? -10 : 0
  for (const plot of uPlot.sync(SYNC).plots) plot.setCursor({ left: hidden, top: hidden })
}

/** Where a chart has its cursor: the keyboard's stays at its second while the axis moves on, the mouse's at its place. */
export function placeCursor(plot: uPlot, left: number, top: number): [number, number] {
  if (pointedAt === null || left < 0) return [left, top]
  return [Math.max(plot.valToPos(pointedAt, 'x'), 0), 0]
}

/**
 * Gives a chart a cursor for the keyboard: left and right go from point to point, Home and End to the ends, Escape takes
 * it away, as does leaving the chart. `textAt`: what is told of a point.
 */
export function addKeys(place: HTMLElement, plot: uPlot, textAt: (row: number) => string): void {
  place.tabIndex = 0
  place.ariaDescription = 'Arrow keys, Home and End point at a second.'
  const leave = (): void => {
    if (pointedAt === null) return
    pointAt(null)
    tell('')
  }
  place.addEventListener('keydown', (event) => {
    const { key, altKey, ctrlKey, metaKey } = event
    const times = plot.data[0]
    const last = times.length - 1
    const row = plot.cursor.idx ?? last + 1
    const wanted = { ArrowLeft: row - 1, ArrowRight: row + 1, Home: 0, End: last }[key]
    if (altKey || ctrlKey || metaKey || last < 0) return
    if (key === 'Escape') return leave()
    if (wanted === undefined) return
    event.preventDefault()
    const to = Math.min(Math.max(wanted, 0), last)
    pointAt(times[to] as number)
    tell(textAt(to))
  })
  place.addEventListener('blur', leave)
  place.addEventListener('mousemove', () => (pointedAt = null), true)
}
