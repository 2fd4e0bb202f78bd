import { formatBytes, formatInterval, formatTime } from './format.ts'
import { COLUMN, type LiveStore } from './live-store.ts'
import { tells } from './scales.ts'

/** What the sentinel says of a job type. */
export interface TypeFigures {
  readonly name: string
  readonly bytes: number | null
  readonly low: number | null
  readonly high: number | null
  readonly suspect: boolean
  /** Whether that says something: there were jobs enough. */
  readonly told: boolean
}

/**
 * All job types at a row of the ring; null: now. The worst come first, and last those of which nothing can be said. Who is
 * suspect is known of now only.
 */
export function typesAt({ last, ring, types }: LiveStore, row: number | null): TypeFigures[] {
  const now = (last?.types ?? [])
    .map(([name, bytes, low, high, suspect]) => {
      return { name, bytes, low, high, suspect: suspect === 1, told: tells(bytes, low, high) }
    })
    .sort((a, b) => Number(b.told) - Number(a.told))
  if (row === null) return now
  return now.map(({ name, suspect }) => {
    const column = COLUMN.types + 3 * types.find(name)
    const [bytes, low, high] = [ring.get(column, row), ring.get(column + 1, row), ring.get(column + 2, row)]
    return { name, bytes, low, high, suspect, told: tells(bytes, low, high) }
  })
}

/** The finding in words. Who was suspect in the last 15 minutes is told too: a suspicion that comes and goes is one. */
export function suspectsText(store: LiveStore): string {
  const { last } = store
  if (!last) return 'No figures yet.'
  const suspects = last.types.filter((type) => type[4] === 1)
  if (suspects.length > 0) {
    return suspects
      .map(([name, bytes, low, high]) => {
        const interval = low === null || high === null ? '' : ` (95 %: ${formatInterval(low, high)})`
        return `${name} leaks: each job leaves ${formatBytes(bytes)} behind${interval}.`
      })
      .join(' ')
  }
  const before = store.suspectedBefore().map(({ name, at }) => ` ${name} was, until ${formatTime(at)}.`)
  const measured = last.types.filter(([, bytes, low, high]) => tells(bytes, low, high)).length
  if (measured === 0 && before.length === 0) return 'Too few collections yet to tell job types apart.'
  return `No job type is suspected of leaking: ${measured} of ${last.types.length} measured.${before.join('')}`
}
