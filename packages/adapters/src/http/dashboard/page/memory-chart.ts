import type uPlot from 'uplot'
import { MAX_POINT_SLOTS } from '../answers.ts'
import { Chart, type Line } from './chart.ts'
import { make, need, setText } from './dom.ts'
import { formatBytes, formatTime } from './format.ts'
import { COLUMN, type LiveStore, type Recycle } from './live-store.ts'
import { limitShown, memoryEnds } from './scales.ts'
import { type Column, Table, textColumn } from './table.ts'
import { colour, laneColour, laneDash } from './theme.ts'

/** Recycles that are listed. */
const LISTED = 5

/** Memory of each isolate against its limit, with its recycles; of the worker itself where jobs run in its process. */
export class MemoryChart {
  readonly #store: LiveStore
  readonly #chart: Chart
  readonly #recycles: Table<Recycle>
  #limit: number | null = null
  #high = 0

  constructor(store: LiveStore) {
    this.#store = store
    this.#recycles = new Table(need('recycles'), COLUMNS, ({ at, slot, message }) => `${at} ${slot} ${message}`)
    const worker: Line = {
      column: COLUMN.total,
      look: () => ({ name: this.#inProcess ? 'worker' : null, colour: laneColour(0) }),
    }
    const slots = Array.from(
      { length: MAX_POINT_SLOTS },
      (_, lane): Line => ({
        column: COLUMN.slots + 2 * lane,
        look: () => {
          const slot = store.slots.name(lane)
          return {
            name: slot === undefined ? null : `isolate ${slot}`,
            colour: laneColour(lane),
            dash: laneDash(lane),
          }
        },
      }),
    )
    this.#chart = new Chart({
      id: 'memory',
      ring: store.ring,
      height: 220,
      lines: [worker, ...slots],
      format: formatBytes,
      ends: (_, high) => {
        this.#high = high
        return memoryEnds(high, this.#limit)
      },
      above: (plot) => this.#marks(plot),
    })
  }

  get #inProcess(): boolean {
    return this.#store.slots.name(0) === undefined
  }

  draw(end: number): void {
    const { last, recycles } = this.#store
    const limits = (last?.slots ?? []).map((slot) => slot[3]).filter((limit) => limit !== null)
    this.#limit = this.#inProcess ? (last?.memory?.limit ?? null) : limits.length > 0 ? Math.max(...limits) : null
    this.#chart.draw(end)
    setText(need('memory-note'), this.#note())
    const listed = recycles.slice(-LISTED).reverse()
    this.#recycles.update(listed)
    need('recycles').hidden = listed.length === 0
  }

  #note(): string {
    if (!this.#store.last) return ''
    const who = this.#inProcess ? 'Jobs run in the worker’s own process.' : ''
    if (this.#limit === null) return `${who} No limit is known.`.trim()
    const where = limitShown(this.#high, this.#limit) ? 'the dashed line' : 'far above what is drawn'
    return `${who} Limit: ${formatBytes(this.#limit)}, ${where}.`.trim()
  }

  /** The limit as a dashed line, recycles as ticks with a head, in the colour of their isolate. */
  #marks(plot: uPlot): void {
    const { ctx, bbox } = plot
    const scale = devicePixelRatio
    ctx.save()
    ctx.beginPath()
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
    ctx.clip()
    ctx.lineWidth = 1.5 * scale
    if (limitShown(this.#high, this.#limit)) {
      const y = plot.valToPos(this.#limit as number, 'y', true)
      ctx.strokeStyle = colour('red')
      ctx.setLineDash([6 * scale, 4 * scale])
      ctx.beginPath()
      ctx.moveTo(bbox.left, y)
      ctx.lineTo(bbox.left + bbox.width, y)
      ctx.stroke()
    }
    ctx.setLineDash([2 * scale, 3 * scale])
    ctx.lineWidth = scale
    for (const { at, slot } of this.#store.recycles) {
      const x = plot.valToPos(at / 1_000, 'x', true)
      const lane = slot === null ? -1 : this.#store.slots.find(String(slot))
      ctx.strokeStyle = lane < 0 ? colour('dim') : laneColour(lane)
      ctx.fillStyle = ctx.strokeStyle
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      ctx.beginPath()
      ctx.moveTo(x - 5 * scale, bbox.top)
      ctx.lineTo(x + 5 * scale, bbox.top)
      ctx.lineTo(x, bbox.top + 8 * scale)
      ctx.fill()
    }
    ctx.restore()
  }
}

const COLUMNS: Column<Recycle>[] = [
  textColumn('Recycled', ({ at }) => formatTime(at)),
  textColumn('Isolate', ({ slot }) => (slot === null ? 'spare' : String(slot)), true),
  {
    title: 'Cause',
    cell: (cell) => {
      const badge = make('span', 'badge')
      cell.append(badge)
      return ({ cause }) => setText(badge, cause)
    },
  },
  textColumn('What happened', ({ message }) => message),
]
