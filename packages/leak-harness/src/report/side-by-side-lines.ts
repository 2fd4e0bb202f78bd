import type { Paint } from './paint.ts'
import type { Cell, SideBySide } from './side-by-side.ts'

const STYLE = { flat: 'green', leak: 'red', failed: 'red', undecided: 'yellow' } as const

/** Where a type did not run. */
const NONE = '–'

/** One module in several runtimes, as a person reads it: a row a job type, and why where verdicts differ. */
export function sideBySideLines({ module, columns, rows }: SideBySide, paint: Paint): string[] {
  const first = Math.max(...rows.map(({ type }) => type.length))
  const widths = columns.map((title, at) =>
    Math.max(title.length, ...rows.map(({ cells }) => wordOf(cells[at]).length)),
  )
  const line = (type: string, words: readonly string[], draw: (padded: string, at: number) => string): string =>
    ['', type.padEnd(first), ...words.map((word, at) => draw(word.padEnd(widths[at] ?? 0), at))].join('  ').trimEnd()
  return [
    `${paint('bold', 'SIDE BY SIDE')}  ${module}`,
    '',
    line('', columns, (title) => paint('dim', title)),
    ...rows.map(({ type, cells }) =>
      line(type, cells.map(wordOf), (word, at) => {
        const cell = cells[at]
        return cell ? paint(STYLE[cell], word) : word
      }),
    ),
    ...rows.flatMap(({ type, why }) =>
      why.length === 0
        ? []
        : [
            '',
            `  ${type} differs:`,
            ...why.map(
              ({ runtime, verdict, because }) => `    ${runtime}, ${verdict}: ${because.replaceAll('\n', '\n      ')}`,
            ),
          ],
    ),
  ]
}

function wordOf(cell: Cell): string {
  return cell ?? NONE
}
