import type { Progress } from '../progress.ts'
import { formatCount, formatNumber } from './format.ts'
import { createPaint } from './paint.ts'
import { progressBar } from './progress-bar.ts'

/** How often a line is written where there is no terminal, in ms. */
export const PLAIN_EVERY_MS = 5_000

/** How often the line on a terminal is written anew, in ms. */
export const TERMINAL_EVERY_MS = 100

/** Where progress goes: a part of a `WriteStream`. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  hasColors?(): boolean
  write(text: string): unknown
}

/** Shows how far a run is: a bar that moves on a terminal, a line now and then elsewhere. */
export interface ProgressLine {
  show(progress: Progress): void
  /** Takes the line away. */
  clear(): void
}

/** Makes a progress line. `now` is a clock in ms. */
export function createProgressLine(stream: ProgressStream, now: () => number = () => performance.now()): ProgressLine {
  const paint = createPaint(stream.isTTY === true && stream.hasColors?.() === true)
  const every = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS
  let last = now() - (stream.isTTY ? every : 0)
  let shown = false
  return {
    show(progress) {
      if (now() - last < every) return
      last = now()
      if (!stream.isTTY) return void stream.write(`${progressText(progress)}\n`)
      stream.write(`\r\x1b[K${progressBar(progress, (stream.columns || 80) - 1, paint)}`)
      shown = true
    },
    clear() {
      if (shown) stream.write('\r\x1b[K')
      shown = false
    },
  }
}

/** One line that says how far a run is. */
export function progressText({ runtime, jobs, of, samples, slope, idleMs, bleed }: Progress): string {
  if (bleed !== undefined) return `${runtime}: bleed check, process ${formatCount(bleed)}`
  const total = of === undefined ? '' : `/${formatCount(of)}`
  const idle = idleMs === undefined ? '' : `, idling ${idleMs / 1000} s to let caches clear`
  return `${runtime}: exact ${formatCount(jobs.exact)}${total} jobs, entries ${formatCount(jobs.jit)}${total}, ${samples} samples, heap ${formatNumber(slope)} B a job${idle}`
}
