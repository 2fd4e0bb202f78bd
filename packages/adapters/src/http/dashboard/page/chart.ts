import uPlot from 'uplot'
import { MAX_POINTS } from '../answers.ts'
import { addKeys, placeCursor, SYNC } from './chart-keys.ts'
import { make, need, setText } from './dom.ts'
import { formatMinute, formatTime } from './format.ts'
import type { TimeRing } from './ring.ts'
import { type Ends, timeEnds } from './scales.ts'
import { colour } from './theme.ts'

/** How a line looks now; `name` null: nobody has it, and it is not drawn. */
export interface LineLook {
  readonly name: string | null
  readonly colour: string
  readonly width?: number
  readonly dash?: number[] | undefined
}

/** A line: a column of the ring. */
export interface Line {
  readonly column: number
  look(): LineLook
}

/** What a chart shows. */
export interface ChartOptions {
  /** Id of the figure that it stands in: with a `.plot`, and a `.key` where it has one. */
  readonly id: string
  readonly ring: TimeRing
  readonly lines: readonly Line[]
  /** In CSS pixels. */
  readonly height: number
  readonly format: (value: number | null) => string
  /** The ends of its axis, given the least and the most of what is drawn. */
  readonly ends: (low: number, high: number) => Ends
  /** Whether a figure has a place in the picture whose axis has these ends; default: all have. */
  readonly shown?: (line: number, row: number, ends: Ends) => boolean
  /** Steps that its axis may have; default: round numbers. */
  readonly steps?: number[]
  /** What is drawn below and above the lines. */
  readonly below?: (plot: uPlot) => void
  readonly above?: (plot: uPlot) => void
  /** The second that is pointed at; null: the newest. */
  readonly pointed?: (row: number | null) => void
}

/** One chart: figures of the last 15 minutes as lines, with a key that has the values, and a summary in words. */
export class Chart {
  readonly #options: ChartOptions
  readonly #plot: uPlot
  readonly #place: HTMLElement
  readonly #key: HTMLElement | null
  readonly #times: number[] = []
  readonly #values: (number | null)[][]
  /** The newest second that is shown, in ms since the epoch. */
  #end = 0
  #ends: Ends = [0, 1]
  #pointed: number | null = null

  constructor(options: ChartOptions) {
    this.#options = options
    const figure = need(options.id)
    this.#place = figure.querySelector('.plot') as HTMLElement
    this.#key = figure.querySelector('.key')
    // Readers hand the keys on to what is called so.
    this.#place.setAttribute('role', 'application')
    this.#place.ariaRoleDescription = 'chart'
    this.#values = options.lines.map(() => [])
    this.#plot = new uPlot(this.#uplotOptions(), [this.#times, ...this.#values] as uPlot.AlignedData, this.#place)
    addKeys(this.#place, this.#plot, (row) => this.#textAt(row))
    new ResizeObserver(() => this.#fit()).observe(this.#place)
  }

  /** Draws the ring as it is. `end`: ms since the epoch of the right edge. */
  draw(end: number): void {
    const { ring, lines } = this.#options
    this.#end = end
    ring.copyTimes(this.#times)
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const [index, line] of lines.entries()) {
      const { name, width, dash } = line.look()
      const series = this.#plot.series[index + 1] as uPlot.Series
      series.show = name !== null
      series.width = width ?? 1.5
      series.dash = dash ?? []
      const values = this.#values[index] as (number | null)[]
      ring.copy(line.column, values)
      if (name === null) continue
      for (const value of values) {
        if (value === null) continue
        if (value < low) low = value
        if (value > high) high = value
      }
    }
    this.#ends = this.#options.ends(Number.isFinite(low) ? low : 0, Number.isFinite(high) ? high : 0)
    this.#leaveOut()
    this.#plot.setData([this.#times, ...this.#values] as uPlot.AlignedData)
    this.#describe()
  }

  #leaveOut(): void {
    const { shown } = this.#options
    if (!shown) return
    for (const [line, values] of this.#values.entries()) {
      for (let row = 0; row < values.length; row++) {
        if (values[row] !== null && !shown(line, row, this.#ends)) values[row] = null
      }
    }
  }

  #describe(): void {
    const { ring, lines, format, pointed } = this.#options
    const row = this.#pointed ?? ring.count - 1
    pointed?.(this.#pointed)
    const parts: string[] = []
    let item = this.#key?.firstElementChild ?? null
    for (const [index, line] of lines.entries()) {
      const { name, ...look } = line.look()
      if (name === null) continue
      if (this.#key) {
        item ??= this.#key.appendChild(makeKeyItem())
        showKeyItem(item, name, format(ring.get(line.column, row)), look)
        item = item.nextElementSibling
      }
      parts.push(`${name}: ${describe(this.#values[index] as (number | null)[], format)}`)
    }
    while (item) {
      const next: Element | null = item.nextElementSibling
      item.remove()
      item = next
    }
    const caption = this.#place.parentElement?.querySelector('.at')
    if (caption) setText(caption, this.#pointed === null ? '' : `at ${formatTime((this.#times[row] ?? 0) * 1_000)}`)
    const title = this.#place.dataset['title'] ?? ''
    this.#place.setAttribute('aria-label', `${title}, the last 15 minutes. ${parts.join('; ') || 'No figures yet'}.`)
  }

  /** All figures of a point, in words. */
  #textAt(row: number): string {
    const { lines, format } = this.#options
    const parts = lines.flatMap((line, index) => {
      const { name } = line.look()
      return name === null ? [] : [`${name} ${format(this.#values[index]?.[row] ?? null)}`]
    })
    return `${formatTime((this.#times[row] ?? 0) * 1_000)}: ${parts.join(', ')}`
  }

  #timeEnds(): [number, number] {
    const [from, to] = timeEnds((this.#times[0] ?? 0) * 1_000, this.#end, MAX_POINTS * 1_000)
    return [from / 1_000, to / 1_000]
  }

  #fit(): void {
    const width = this.#place.clientWidth
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: this.#options.height })
  }

  #uplotOptions(): uPlot.Options {
    const { lines, height, format, steps, below, above } = this.#options
    const axis: uPlot.Axis = {
      stroke: () => colour('dim'),
      grid: { stroke: () => colour('grid'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui, sans-serif',
    }
    return {
      width: this.#place.clientWidth || 300,
      height,
      padding: [8, 28, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: SYNC },
        points: { size: 6 },
        move: placeCursor,
      },
      scales: {
        x: { time: true, range: () => this.#timeEnds() },
        y: { range: () => [this.#ends[0], this.#ends[1]] },
      },
      axes: [
        { ...axis, size: 24, space: 70, values: timeLabels },
        {
          ...axis,
          ...(steps && { incrs: steps }),
          size: 62,
          space: 34,
          values: (_, splits) => splits.map((value) => format(value)),
        },
      ],
      series: [
        {},
        ...lines.map(({ look }): uPlot.Series => ({ stroke: () => look().colour, points: { show: false } })),
      ],
      hooks: {
        drawClear: [(plot) => below?.(plot)],
        draw: [(plot) => above?.(plot)],
        setCursor: [
          (plot) => {
            const row = plot.cursor.idx ?? null
            if (row === this.#pointed) return
            this.#pointed = row
            this.#describe()
          },
        ],
      },
    }
  }
}

/** Times below an axis, with seconds where its steps are shorter than a minute. */
function timeLabels(_plot: uPlot, splits: number[], _axis: number, _space: number, step: number): string[] {
  return splits.map((at) => (step < 60 ? formatTime(at * 1_000) : formatMinute(at * 1_000)))
}

function makeKeyItem(): HTMLElement {
  const item = make('li')
  item.append(make('i', 'swatch'), make('span'), make('b'))
  return item
}

function showKeyItem(item: Element, name: string, value: string, look: Omit<LineLook, 'name'>): void {
  const [swatch, label, figure] = item.children as unknown as [HTMLElement, HTMLElement, HTMLElement]
  showSwatch(swatch, look)
  setText(label, name)
  setText(figure, value)
}

/** Paints the small line that stands before a name. */
export function showSwatch(swatch: HTMLElement, { colour, dash }: Pick<LineLook, 'colour' | 'dash'>): void {
  const border = `${dash && dash.length > 0 ? 'dashed' : 'solid'} ${colour}`
  if (swatch.dataset['look'] === border) return
  swatch.dataset['look'] = border
  swatch.style.borderTopStyle = dash && dash.length > 0 ? 'dashed' : 'solid'
  swatch.style.borderTopColor = colour
}

function describe(values: readonly (number | null)[], format: (value: number | null) => string): string {
  let [low, high]: [number | null, number | null] = [null, null]
  for (const value of values) {
    if (value === null) continue
    if (low === null || value < low) low = value
    if (high === null || value > high) high = value
  }
  if (low === null) return 'none'
  return `now ${format(values.at(-1) ?? null)}, from ${format(low)} to ${format(high)}`
}
