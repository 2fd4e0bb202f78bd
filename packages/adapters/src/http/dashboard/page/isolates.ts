import type { HealthAnswer } from '../answers.ts'
import { act } from './act.ts'
import { post } from './api.ts'
import { CollectionRates } from './collection-rates.ts'
import { make, makeButton, need, setText } from './dom.ts'
import { formatBytes, formatCount, formatDuration, NONE } from './format.ts'
import { showFacts } from './header.ts'
import { type Column, Table, textColumn } from './table.ts'

type Pool = NonNullable<HealthAnswer['health']['executor']['pool']>
/** `collected`: how long collections of garbage stop it, in ms a second. */
type Isolate = Pool['isolates'][number] & { readonly collected: number | undefined }

const COLUMNS: readonly Column<Isolate>[] = [
  textColumn('Isolate', ({ slot }) => (slot === undefined ? NONE : String(slot))),
  {
    title: 'State',
    cell: (cell) => {
      const badge = make('span', 'badge')
      cell.append(badge)
      return ({ state }) => {
        setText(badge, state)
        badge.className = `badge ${state === 'active' ? 'good' : state === 'alone' ? 'open' : 'none'}`
      }
    },
  },
  textColumn('Process', ({ pid }) => String(pid ?? NONE), true),
  textColumn('Age', ({ ageMs }) => formatDuration(Math.floor(ageMs / 1_000) * 1_000), true),
  textColumn('Jobs done', ({ jobs }) => formatCount(jobs), true),
  textColumn('Has now', ({ held }) => formatCount(held), true),
  textColumn('Memory', ({ memory }) => formatBytes(memory?.total), true),
  textColumn('RSS', ({ memory }) => formatBytes(memory?.rss), true),
  textColumn('Collections', ({ collected }) => formatRate(collected), true),
  {
    title: 'Of limit',
    numeric: true,
    cell: (cell) => {
      const [meter, text] = [make('meter'), make('span')]
      meter.setAttribute('aria-hidden', 'true')
      cell.append(meter, text)
      return ({ memory }) => {
        const share = memory?.limit ? memory.total / memory.limit : undefined
        meter.hidden = share === undefined
        meter.value = share ?? 0
        setText(text, share === undefined ? NONE : `${Math.round(share * 100)} %`)
      }
    },
  },
]

/** Isolates, and what became of those before them. Not shown where jobs run in the worker's process. */
export class Isolates {
  readonly #table: Table<Isolate>
  readonly #recycle: HTMLButtonElement
  readonly #collections = new CollectionRates()

  constructor() {
    this.#table = new Table(need('isolates'), COLUMNS, ({ slot, pid, state }) => `${slot} ${pid ?? state}`)
    this.#recycle = makeButton('Recycle all isolates', (button) =>
      act(button, async () => {
        await post('api/recycle')
        return 'Each isolate is replaced, between jobs.'
      }),
    )
    need('isolates-actions').append(this.#recycle)
  }

  show({ health, may }: HealthAnswer): void {
    const { executor } = health
    const { pool } = executor
    need('isolates-table').hidden = !pool
    this.#recycle.hidden = !pool || !may.write
    const rates = this.#collections.update(health.uptimeMs, pool?.pauses)
    const isolates = (pool?.isolates ?? []).map((one) => ({ ...one, collected: rates.get(one.slot ?? -1) }))
    this.#table.update(isolates.sort((a, b) => (a.slot ?? 1e9) - (b.slot ?? 1e9)))
    showFacts(need('executor-facts'), [
      ['Jobs at once', formatCount(executor.size)],
      ['Running', formatCount(executor.running)],
      ['Abandoned', formatCount(executor.abandoned)],
      ...(pool ? poolFacts(pool) : []),
    ])
  }
}

function formatRate(ms: number | undefined): string {
  return ms === undefined ? NONE : `${formatDuration(ms)}/s`
}

function poolFacts({ isolates, wanted, recycles, failedStarts, lastGapMs }: Pool): (readonly [string, string])[] {
  const causes = Object.entries(recycles).filter(([, count]) => count > 0)
  return [
    ['Isolates', `${isolates.filter(({ slot }) => slot !== undefined).length} of ${wanted}`],
    ['Recycled', causes.map(([cause, count]) => `${cause} ${formatCount(count)}`).join(', ') || 'none'],
    ['Failed starts', formatCount(failedStarts)],
    ['Last gap', formatDuration(lastGapMs)],
  ]
}
