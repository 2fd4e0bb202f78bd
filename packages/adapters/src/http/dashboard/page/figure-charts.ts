import { MAX_POINT_QUEUES } from '../answers.ts'
import { Chart, type ChartOptions, type Line } from './chart.ts'
import { formatCount, formatDuration } from './format.ts'
import { COLUMN, type LiveStore } from './live-store.ts'
import { countEnds } from './scales.ts'
import { colour, laneColour, laneDash } from './theme.ts'

/** In CSS pixels. */
const HEIGHT = 150

const [MS, S, MIN, H] = [1, 1_000, 60_000, 3_600_000]

/** Durations that the steps of an axis may be long: from 0.1 ms to weeks. */
const DURATION_STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500].map((count) => count * MS),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * S),
  ...[1, 2, 5, 10, 20, 30].map((count) => count * MIN),
  ...[1, 2, 4, 8, 12, 24, 48, 168, 720].map((count) => count * H),
]

/** The smaller pictures: throughput, latency, and how full and how old queues are. */
export function createFigureCharts(store: LiveStore): readonly Chart[] {
  const { ring } = store
  const line = (column: number, name: string, colourName: string): Line => ({
    column,
    look: () => ({ name, colour: colour(colourName) }),
  })
  const queues = (offset: number): Line[] =>
    Array.from({ length: MAX_POINT_QUEUES }, (_, lane) => ({
      column: COLUMN.queues + 2 * lane + offset,
      look: () => ({ name: store.queues.name(lane) ?? null, colour: laneColour(lane), dash: laneDash(lane) }),
    }))
  const chart = (id: string, lines: readonly Line[], options: Pick<ChartOptions, 'format' | 'steps'>, least: number) =>
    new Chart({ id, ring, lines, ...options, height: HEIGHT, ends: (_, high) => countEnds(high, least) })
  const counts = { format: formatCount }
  const durations = { format: formatDuration, steps: DURATION_STEPS }
  return [
    chart(
      'throughput',
      [line(COLUMN.done, 'done', 'c0'), line(COLUMN.retried, 'retried', 'c1'), line(COLUMN.dead, 'dead', 'red')],
      counts,
      5,
    ),
    chart('latency', [line(COLUMN.p50, 'p50', 'c0'), line(COLUMN.p99, 'p99', 'c1')], durations, 1),
    chart('depth', queues(0), counts, 5),
    chart('age', queues(1), durations, 1_000),
  ]
}
