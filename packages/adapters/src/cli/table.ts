import { printable } from './printable.ts'

/** A column of a table. */
export interface Column {
  readonly title: string
  /** Numbers stand to the right. Default left. */
  readonly align?: 'right'
  /** Characters to which it may be cut where the table is too wide. Default: it is never cut. */
  readonly least?: number
}

/** Between two columns. */
const GAP = '  '

/**
 * A table as lines, the columns as wide as they need to be. Where the lines would be wider than `width`, the columns
 * that may be are cut, the widest first; without a width, nothing is.
 */
export function toTable(columns: readonly Column[], rows: readonly (readonly string[])[], width?: number): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => lengthOf(row[at] ?? ''))))
  if (width !== undefined) shrink(widths, columns, width)
  const lines = cells.map((row) =>
    columns
      .map(({ align }, at) => pad(cut(row[at] ?? '', widths[at] ?? 0), widths[at] ?? 0, align))
      .join(GAP)
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

function shrink(widths: number[], columns: readonly Column[], width: number): void {
  const wanted = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1))
  for (let over = wanted - width; over > 0; over--) {
    let widest = -1
    for (const [at, { least }] of columns.entries()) {
      const own = widths[at] ?? 0
      if (least !== undefined && own > least && own > (widths[widest] ?? 0)) widest = at
    }
    if (widest < 0) return
    widths[widest] = (widths[widest] ?? 0) - 1
  }
}

/** A text on one line of at most `width` characters. */
export function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const space = ' '.repeat(Math.max(0, width - lengthOf(text)))
  return align === 'right' ? space + text : text + space
}

function lengthOf(text: string): number {
  return [...text].length
}
