/** The page: live figures into a ring, drawn once a second while somebody looks; tables asked for now and then. */
import type { HealthAnswer } from '../answers.ts'
import { get } from './api.ts'
import { DeadLetters } from './dead-letters.ts'
import { createFigureCharts } from './figure-charts.ts'
import { formatDuration, formatTime } from './format.ts'
import { showConnection, showHealth, showLoopDelay } from './header.ts'
import { Isolates } from './isolates.ts'
import { Jobs } from './jobs.ts'
import { LeakChart } from './leak-chart.ts'
import { LiveStore } from './live-store.ts'
import { MemoryChart } from './memory-chart.ts'
import { Poll } from './poll.ts'
import { Queues } from './queues.ts'
import { Stream } from './stream.ts'
import { onSchemeChange } from './theme.ts'

const HEALTH_MS = 2_000
const LISTS_MS = 5_000

const store = new LiveStore()
const charts = [new LeakChart(store), new MemoryChart(store), ...createFigureCharts(store)]
const isolates = new Isolates()
const queues = new Queues()
const jobs = new Jobs()
const deadLetters = new DeadLetters((id) => jobs.open(id))
queues.onNames = (names) => deadLetters.setQueues(names)

let can: HealthAnswer['can'] | undefined
/** When the newest point came, by the page's own clock: the axis goes on from there while none comes. */
let cameAt = 0
let wanted = false

/** Draws with the next frame: once, however often it is asked for. */
function draw(): void {
  if (wanted || document.hidden) return
  wanted = true
  requestAnimationFrame(() => {
    wanted = false
    if (store.ring.count === 0) return
    const late = performance.now() - cameAt
    const end = store.ring.lastAt + (late > 2_500 ? late : 0)
    for (const chart of charts) chart.draw(end)
    if (store.last) showLoopDelay(store.last)
  })
}

const stream = new Stream({
  history(points) {
    cameAt = performance.now()
    store.replace(points)
    draw()
  },
  point(point) {
    cameAt = performance.now()
    if (store.add(point)) draw()
  },
  live() {
    showConnection('live', true)
    ticking(false)
  },
  lost(reason, waitMs) {
    const since = store.ring.count > 0 ? ` Last figures: ${formatTime(store.ring.lastAt)}.` : ''
    showConnection(`${reason}${since} Next try in ${formatDuration(Math.round(waitMs / 1_000) * 1_000)}.`, false)
    ticking(true)
  },
})

let ticker: ReturnType<typeof setInterval> | undefined

/** Moves the charts on while no points come, so that the gap is seen. */
function ticking(on: boolean): void {
  clearInterval(ticker)
  ticker = on ? setInterval(draw, 1_000) : undefined
}

const lists = new Poll(LISTS_MS, async () => {
  await Promise.all([can?.stats && queues.load(), can?.deadLetter && deadLetters.load(), can?.lookup && jobs.refresh()])
})

new Poll(HEALTH_MS, async () => {
  const answer = await get<HealthAnswer>('api/health')
  const first = can === undefined
  can = answer.can
  showHealth(answer)
  isolates.show(answer)
  queues.allow(answer)
  deadLetters.allow(answer)
  jobs.allow(answer)
  if (first) lists.now()
})

document.addEventListener('visibilitychange', draw)
onSchemeChange(draw)
stream.connect()
