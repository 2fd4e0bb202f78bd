import type { Progress } from '../progress.ts'
import { formatCount, formatNumber } from './format.ts'
import type { Paint } from './paint.ts'

/** Characters of the bar. */
const BAR_WIDTH = 20

/** Eighths of a character, so that the bar moves smoothly. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** Jobs that are planned by now: those that were asked for, and when they are done and nothing is decided, as many again. */
export function plannedBy(done: number, of: number): number {
  return of === 0 || done <= of ? of : plannedBy(done, 2 * of)
}

/**
 * How far a run is, in one line of at most `width` characters: a bar of the jobs in exact mode, how many of those that
 * are planned are done, slope and samples. What does not fit is left out, the last first. The process that counts
 * entries tells its jobs a cohort at a time, and makes no bar.
 */
export function progressBar(progress: Progress, width: number, paint: Paint): string {
  const { runtime, jobs, of, samples, slope, idleMs, bleed } = progress
  if (bleed !== undefined) return joinWithin([runtime, `bleed check, process ${formatCount(bleed)}`], width, paint)
  if (of === undefined) return joinWithin([runtime, 'loads the module'], width, paint)
  const planned = plannedBy(jobs.exact, of)
  const parts = [
    runtime,
    barOf(planned === 0 ? 0 : jobs.exact / planned),
    `${formatCount(jobs.exact)} of ${formatCount(planned)} jobs`,
    ...(idleMs === undefined ? [] : [`idles ${idleMs / 1000} s to let caches clear`]),
    `heap ${formatNumber(slope)} B a job`,
    `${formatCount(samples)} samples`,
    `entries after ${formatCount(jobs.jit)}`,
  ]
  return joinWithin(parts, width, paint)
}

function barOf(share: number): string {
  const eighths = Math.floor(share * BAR_WIDTH * 8)
  const filled = `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`
  return `▕${filled.padEnd(BAR_WIDTH)}▏${String(Math.floor(share * 100)).padStart(3)} %`
}

/** Whole parts only: half a number says something else. */
function joinWithin(parts: readonly string[], width: number, paint: Paint): string {
  const shown: string[] = []
  let length = 0
  for (const part of parts) {
    if (shown.length > 0 && length + 2 + part.length > width) break
    length += part.length + (shown.length > 0 ? 2 : 0)
    shown.push(part)
  }
  const [first = '', second, ...rest] = shown
  const tail = second === undefined ? [] : [second.startsWith('▕') ? paint('green', second) : second, ...rest]
  return [paint('bold', first.slice(0, Math.max(1, width))), ...tail].join('  ')
}
