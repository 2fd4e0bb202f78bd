import { make, setText } from './dom.ts'
import { planRows } from './rows.ts'

/** A column: its title, and how a cell is made, once, and brought up to date, often. */
export interface Column<Row> {
  readonly title: string
  readonly numeric?: boolean
  /** Makes what is in a cell of a new row; answers what updates it. `row()` is the row as it is when asked. */
  cell(cell: HTMLElement, row: () => Row): (row: Row) => void
}

/** A column of texts. */
export function textColumn<Row>(
  title: string,
  text: (row: Row) => string,
  numeric = false,
  className = '',
): Column<Row> {
  return {
    title,
    numeric,
    cell: (cell) => {
      cell.className = className
      return (row) => setText(cell, text(row))
    },
  }
}

interface Shown<Row> {
  readonly element: HTMLTableRowElement
  readonly updates: readonly ((row: Row) => void)[]
  row: Row
}

/**
 * A table that is brought up to date in place: rows are known by a key, and one that stays keeps its elements, with the
 * focus in them. The first column names the row. Roles are spelled out, as a table that is laid out as cards on a phone
 * would not be one for screen readers.
 */
export class Table<Row> {
  readonly #columns: readonly Column<Row>[]
  readonly #key: (row: Row) => string
  readonly #body: HTMLTableSectionElement
  readonly #rows = new Map<string, Shown<Row>>()
  #order: readonly string[] = []

  constructor(table: HTMLElement, columns: readonly Column<Row>[], key: (row: Row) => string) {
    this.#columns = columns
    this.#key = key
    table.setAttribute('role', 'table')
    const head = make('thead')
    const line = make('tr')
    head.setAttribute('role', 'rowgroup')
    line.setAttribute('role', 'row')
    for (const { title, numeric } of columns) {
      const cell = make('th', numeric ? 'number' : '', title)
      cell.scope = 'col'
      cell.setAttribute('role', 'columnheader')
      line.append(cell)
    }
    head.append(line)
    this.#body = make('tbody')
    this.#body.setAttribute('role', 'rowgroup')
    table.append(head, this.#body)
  }

  /** The element of a row; undefined where it is not there. */
  element(key: string): HTMLElement | undefined {
    return this.#rows.get(key)?.element
  }

  /** Key of the row after another, or of the one before where it is the last; undefined where it is alone. */
  neighbour(key: string): string | undefined {
    const at = this.#order.indexOf(key)
    return this.#order[at + 1] ?? this.#order[at - 1]
  }

  update(rows: readonly Row[]): void {
    const byKey = new Map(rows.map((row) => [this.#key(row), row]))
    const wanted = [...byKey.keys()]
    for (const step of planRows(this.#order, wanted)) {
      if (step.kind === 'remove') {
        this.#rows.get(step.key)?.element.remove()
        this.#rows.delete(step.key)
        continue
      }
      const shown = this.#rows.get(step.key) ?? this.#make(step.key, byKey.get(step.key) as Row)
      const before = step.before === null ? null : (this.#rows.get(step.before)?.element ?? null)
      this.#body.insertBefore(shown.element, before)
    }
    this.#order = wanted
    for (const [key, row] of byKey) {
      const shown = this.#rows.get(key) as Shown<Row>
      shown.row = row
      for (const update of shown.updates) update(row)
    }
  }

  #make(key: string, first: Row): Shown<Row> {
    const element = make('tr')
    element.setAttribute('role', 'row')
    const updates: ((row: Row) => void)[] = []
    const shown: Shown<Row> = { element, updates, row: first }
    for (const [index, { title, numeric, cell }] of this.#columns.entries()) {
      const place = make(index === 0 ? 'th' : 'td', numeric ? 'number' : '')
      if (index === 0) place.setAttribute('scope', 'row')
      place.setAttribute('role', index === 0 ? 'rowheader' : 'cell')
      place.dataset['title'] = title
      const inner = make('div')
      place.append(inner)
      updates.push(cell(inner, () => shown.row))
      element.append(place)
    }
    this.#rows.set(key, shown)
    return shown
  }
}
