import { DEFAULT_BUDGET } from '../options.ts'
import type { MeasureReport, RunReport } from '../result.ts'
import { STANDS_STILL } from '../witness/figures.ts'

/** What a leak is one of: survivors of one constructor and owner, a container's entries, or a measure. */
export type LeakKind = 'group' | 'container' | 'measure'

/** One leak of a run, with a name that another run of the same code gives it too. */
export interface Leak {
  readonly kind: LeakKind
  /** Constructor, or name of the measure. */
  readonly name: string
  /** Who keeps it; empty for a measure. Without line numbers and counts, which change when the leak does not. */
  readonly path: string
  /** Objects, entries, bytes or handles gained a job. */
  readonly perJob: number
}

/** Share by which a leak may differ from one run to the next and be as large as before. */
export const TOLERANCE = 0.1

/** The rarest leak that the method promises to find, in objects or entries a job. Less than that is no difference. */
const LEAST_PER_JOB = 0.001

/** What tells one leak of a run from the others. */
export function leakKey({ kind, name, path }: Leak): string {
  return JSON.stringify([kind, name, path])
}

/**
 * What leaks in a run, none where its verdict is not that. The heap is a leak of its own where no object and no
 * container leaks, and RSS where heap and external memory do not account for it: else they follow from what is named.
 */
export function leaksOf(run: RunReport): Leak[] {
  if (run.verdict !== 'leak') return []
  const objects = objectLeaks(run)
  return [...objects, ...measureLeaks(run, objects.length > 0, ({ verdict }) => verdict === 'grows')]
}

/**
 * What may show as a leak when the same is run again: the same, and measures that do not stand still. A run ends early
 * once objects are found to leak, and by chance before a measure is decided.
 */
export function possibleLeaksOf(run: RunReport): Leak[] {
  if (run.verdict !== 'leak') return []
  const objects = objectLeaks(run)
  const isOpen = ({ verdict }: MeasureReport): boolean => !STANDS_STILL.includes(verdict)
  return [...objects, ...measureLeaks(run, objects.length > 0, isOpen)]
}

/** Whether a leak is larger than another by more than two runs of the same differ. */
export function hasGrown(leak: Leak, before: Leak): boolean {
  const allowed = Math.max(TOLERANCE * Math.abs(before.perJob), leastOf(leak))
  // A hair more, as no number of the kind is exact.
  return leak.perJob - before.perJob > allowed * (1 + 1e-9)
}

function leastOf({ kind, name }: Leak): number {
  return kind === 'measure' ? (DEFAULT_BUDGET[name as keyof typeof DEFAULT_BUDGET] ?? 0) : LEAST_PER_JOB
}

/** Objects of one name and owner are one leak, however many groups or containers they are. */
function objectLeaks({ cohort, containers }: RunReport): Leak[] {
  const all = [
    ...cohort.groups
      .filter(({ state }) => state === 'leaks')
      .map(({ constructor: name, path, perJob }): Leak => ({ kind: 'group', name, path: toOwner(path), perJob })),
    ...containers
      .filter(({ state }) => state === 'leaks')
      .map(({ name, owner, perJob }): Leak => ({ kind: 'container', name, path: toOwner([owner]), perJob })),
  ]
  const merged = new Map<string, Leak>()
  for (const leak of all) {
    const key = leakKey(leak)
    merged.set(key, { ...leak, perJob: leak.perJob + (merged.get(key)?.perJob ?? 0) })
  }
  return [...merged.values()]
}

function measureLeaks(
  { measures }: RunReport,
  hasObjects: boolean,
  isMeant: (measure: MeasureReport) => boolean,
): Leak[] {
  const { heap, external, rss, handles } = measures
  const explained = Math.max(0, heap.slope ?? 0) + Math.max(0, external.slope ?? 0)
  const own = {
    ...(hasObjects ? {} : { heap }),
    external,
    ...((rss.slope ?? 0) - explained > rss.budget ? { rss } : {}),
    handles,
  }
  return Object.entries(own)
    .filter(([, measure]) => isMeant(measure))
    .map(([name, measure]) => ({ kind: 'measure', name, path: '', perJob: growthOf(measure) }))
}

/** What was not decided may be as much as the upper end of its interval. */
function growthOf({ verdict, slope, high }: MeasureReport): number {
  return (verdict === 'grows' ? slope : high) ?? 0
}

function toOwner(path: readonly string[]): string {
  return path
    .join(' → ')
    .replace(/:\d+\)/g, ')')
    .replace(/ x [\d,]+(?= → |$)/g, '')
    .replace(/… [\d,]+ more …/g, '…')
}
