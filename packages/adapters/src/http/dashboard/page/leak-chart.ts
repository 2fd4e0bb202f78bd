import type uPlot from 'uplot'
import { type LivePoint, MAX_POINT_TYPES } from '../answers.ts'
import { Chart, type Line, showSwatch } from './chart.ts'
import { make, need, setText } from './dom.ts'
import { formatBytes, formatInterval, NONE } from './format.ts'
import { COLUMN, type LiveStore } from './live-store.ts'
import { type Ends, leakEnds, reachOf, tells } from './scales.ts'
import { suspectsText, type TypeFigures, typesAt } from './suspects.ts'
import { type Column, Table, textColumn } from './table.ts'
import { colour, laneColour, laneDash } from './theme.ts'

const bytesColumn = (lane: number): number => COLUMN.types + 3 * lane

/** The first picture: bytes that a job leaves behind, a line a job type, with the 95 % band of each, and its table. */
export class LeakChart {
  readonly #store: LiveStore
  readonly #chart: Chart
  readonly #table: Table<TypeFigures>
  #suspects: ReadonlySet<string> = new Set()
  /** Types of which something can be said now: the others have no line, and no say in the axis. */
  #told: LivePoint['types'] = []

  constructor(store: LiveStore) {
    this.#store = store
    this.#table = new Table(need('types'), this.#columns(), ({ name }) => name)
    this.#chart = new Chart({
      id: 'leaks',
      ring: store.ring,
      height: 260,
      lines: Array.from({ length: MAX_POINT_TYPES }, (_, lane) => this.#line(lane)),
      format: formatBytes,
      ends: () => this.#ends(),
      shown: (lane, row, ends) => this.#says(lane, row, ends),
      below: (plot) => this.#bands(plot),
      above: (plot) => this.#names(plot),
      pointed: (row) => this.#table.update(typesAt(this.#store, row)),
    })
  }

  /** Brings words and picture up to date. */
  draw(end: number): void {
    const suspects = (this.#store.last?.types ?? []).filter((type) => type[4] === 1)
    this.#suspects = new Set(suspects.map(([name]) => name))
    this.#told = (this.#store.last?.types ?? []).filter(([, bytes, low, high]) => tells(bytes, low, high))
    this.#chart.draw(end)
    setText(need('suspects'), suspectsText(this.#store))
    need('suspects').classList.toggle('bad', suspects.length > 0)
    // Said when who is suspect changes, and not each time that a figure does.
    const spoken = suspects.length === 0 ? '' : `Suspected of leaking: ${suspects.map(([name]) => name).join(', ')}.`
    setText(need('suspects-spoken'), spoken)
  }

  #line(lane: number): Line {
    return {
      column: bytesColumn(lane),
      look: () => {
        const name = this.#name(lane)
        if (name === undefined) return { name: null, colour: '' }
        const suspect = this.#suspects.has(name)
        return { name, colour: this.#colour(lane), width: suspect ? 3 : 1.5, dash: laneDash(lane) }
      },
    }
  }

  /** Who has a line. */
  #name(lane: number): string | undefined {
    const name = this.#store.types.name(lane)
    return this.#told.some((type) => type[0] === name) ? name : undefined
  }

  #colour(lane: number): string {
    return this.#suspects.has(this.#store.types.name(lane) ?? '') ? colour('red') : laneColour(lane)
  }

  /** The axis. Intervals of the past have no say in it: early ones are the widest. */
  #ends(): Ends {
    const { ring, types } = this.#store
    const lows = this.#told.map((type) => type[2] ?? 0)
    const highs = this.#told.map((type) => type[3] ?? 0)
    const tightest = Math.min(...highs.map((high, index) => high - (lows[index] ?? 0)))
    let [low, high] = [0, 0]
    for (let lane = 0; lane < types.size; lane++) {
      if (this.#name(lane) === undefined) continue
      for (let row = 0; row < ring.count; row++) {
        const [bytes, from, to] = this.#at(lane, row)
        if (bytes === null || from === null) continue
        const reach = reachOf(bytes, from, to, tightest)
        if (reach < low) low = reach
        if (reach > high) high = reach
      }
    }
    return leakEnds(low, high, Math.min(0, ...lows), Math.max(0, ...highs))
  }

  #bands(plot: uPlot): void {
    const { ring, types } = this.#store
    const times = plot.data[0]
    const { ctx, bbox, scales } = plot
    const ends: Ends = [scales['y']?.min ?? 0, scales['y']?.max ?? 0]
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    for (let lane = 0; lane < types.size; lane++) {
      const name = this.#name(lane)
      if (name === undefined) continue
      ctx.fillStyle = this.#colour(lane)
      ctx.globalAlpha = this.#suspects.has(name) ? 0.25 : 0.07
      const [low, high] = [bytesColumn(lane) + 1, bytesColumn(lane) + 2]
      for (let row = 0; row < times.length; row++) {
        const from = row
        while (row < times.length && this.#says(lane, row, ends)) row++
        if (row - from < 2) continue
        ctx.beginPath()
        const at = (index: number, column: number): [number, number] => [
          plot.valToPos(times[index] as number, 'x', true),
          plot.valToPos(ring.get(column, index) as number, 'y', true),
        ]
        for (let index = from; index < row; index++) ctx.lineTo(...at(index, high))
        for (let index = row - 1; index >= from; index--) ctx.lineTo(...at(index, low))
        ctx.fill()
      }
    }
    ctx.restore()
  }

  /** Whether an interval leaves something to be said: one that is unknown, or covers the whole axis, does not. */
  #says(lane: number, row: number, [least, most]: Ends): boolean {
    const [, low, high] = this.#at(lane, row)
    return low !== null && high !== null && (low >= least || high <= most)
  }

  /** An estimate of the past, and the ends of its interval. */
  #at(lane: number, row: number): readonly [bytes: number | null, low: number | null, high: number | null] {
    const { ring } = this.#store
    const column = bytesColumn(lane)
    return [ring.get(column, row), ring.get(column + 1, row), ring.get(column + 2, row)]
  }

  /** Names suspects at the end of their lines. */
  #names(plot: uPlot): void {
    const { ring, types } = this.#store
    const { ctx, bbox } = plot
    const scale = devicePixelRatio
    ctx.save()
    ctx.font = `600 ${12 * scale}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.textBaseline = 'bottom'
    ctx.fillStyle = colour('red')
    for (let lane = 0; lane < types.size; lane++) {
      const name = types.name(lane)
      const bytes = ring.get(bytesColumn(lane), ring.count - 1)
      if (name === undefined || bytes === null || !this.#suspects.has(name)) continue
      const y = Math.max(plot.valToPos(bytes, 'y', true) - 6 * scale, bbox.top + 16 * scale)
      ctx.fillText(name, bbox.left + bbox.width - 6 * scale, y)
    }
    ctx.restore()
  }

  #columns(): Column<TypeFigures>[] {
    return [
      {
        title: 'Job type',
        cell: (cell) => {
          const [swatch, name, badge] = [make('i', 'swatch'), make('span'), make('b', 'badge bad', 'suspect')]
          cell.append(swatch, name, badge)
          return (row) => {
            const lane = this.#store.types.find(row.name)
            showSwatch(swatch, { colour: this.#colour(lane), dash: laneDash(lane) })
            setText(name, row.name)
            badge.hidden = !row.suspect
            swatch.hidden = !row.told
          }
        },
      },
      {
        title: 'Bytes per job',
        numeric: true,
        cell: (cell) => (row) => {
          setText(cell, row.told ? formatBytes(row.bytes) : NONE)
          // As good as nothing.
          cell.classList.toggle('unsure', !row.told || (row.low ?? 0) * (row.high ?? 0) <= 0)
        },
      },
      textColumn(
        '95 % interval',
        ({ told, bytes, low, high }) => (told || bytes === null ? formatInterval(low, high) : 'too few jobs yet'),
        true,
      ),
    ]
  }
}
