import type { Group, Row, Target } from './group.ts'
import type { Machine } from './machine.ts'
import { median } from './median.ts'

/** What a group measured. */
export interface GroupReport {
  readonly name: string
  readonly rows: readonly (Row & { readonly median: number })[]
  readonly targets: readonly (Target & { readonly median: number; readonly ok: boolean })[]
  /** How long it took, in ms. */
  readonly ms: number
}

/** All of a run, as `--json` writes it. */
export interface Report {
  readonly version: 1
  readonly machine: Machine
  readonly groups: readonly GroupReport[]
}

/** What `runGroup` goes by. */
export interface RunOptions {
  readonly signal: AbortSignal
  readonly rounds: number | undefined
  readonly write: (text: string) => void
}

/** Runs a group, writing its rows as they come and a line a target at the end. */
export async function runGroup(group: Group, { signal, rounds, write }: RunOptions): Promise<GroupReport> {
  const startedAt = performance.now()
  const rows: GroupReport['rows'][number][] = []
  const targets: GroupReport['targets'][number][] = []
  write(`${group.name}\n`)
  await group.run({
    signal,
    ...(rounds !== undefined && { rounds }),
    row(row) {
      rows.push({ ...row, median: median(row.rounds) })
      write(`  ${toRow(row)}\n`)
    },
    target(target) {
      targets.push({ ...target, median: median(target.rounds), ok: isReached(target) })
    },
  })
  for (const target of targets) write(`${toLine(target)}\n`)
  return { name: group.name, rows, targets, ms: Math.round(performance.now() - startedAt) }
}

/** Whether the median reaches the limit. It is compared as measured, not as shown. */
export function isReached({ is, limit, rounds }: Target): boolean {
  const value = median(rounds)
  return is === '<=' ? value <= limit : value >= limit
}

/** A target's line, for scripts to read: `P1 app-run-overhead-us 0.81 <= 1 ok`. */
export function toLine(target: Target): string {
  const { id, name, is, limit, rounds } = target
  return `${id} ${name} ${toFigure(median(rounds))} ${is} ${limit} ${isReached(target) ? 'ok' : 'MISS'}`
}

function toRow({ name, unit, rounds }: Row): string {
  const spread =
    rounds.length > 1
      ? `  (${toFigure(Math.min(...rounds))} to ${toFigure(Math.max(...rounds))}, ${rounds.length} rounds)`
      : ''
  return `${name.padEnd(44)}${toFigure(median(rounds)).padStart(8)} ${unit}${spread}`
}

/** Whole numbers as they are, others with three significant digits after the point or before it. */
function toFigure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return value.toFixed(0)
  return String(Number(value.toPrecision(Math.abs(value) >= 1 ? 4 : 3)))
}
