import type { HealthAnswer, QueuesAnswer } from '../answers.ts'
import { act } from './act.ts'
import { get, post } from './api.ts'
import { make, makeButton, need, setText, showSection } from './dom.ts'
import { formatCount, formatDuration } from './format.ts'
import { type Column, Table, textColumn } from './table.ts'

type Queue = QueuesAnswer['queues'][number]

/** Queues, with a switch to pause and resume each. */
export class Queues {
  readonly #table: Table<Queue>
  #mayPause = false
  #rows: readonly Queue[] = []
  /** Called with the names of all queues when they were asked for. */
  onNames: (names: readonly string[]) => void = () => {}

  constructor() {
    this.#table = new Table(need('queues'), this.#columns(), ({ queue }) => queue)
  }

  /** What the visitor may do, and the broker can. */
  allow({ may, can }: HealthAnswer): void {
    showSection('queues-section', can.stats)
    const mayPause = may.write && can.pause
    if (mayPause === this.#mayPause) return
    this.#mayPause = mayPause
    this.#table.update(this.#rows)
  }

  async load(): Promise<void> {
    const { queues } = await get<QueuesAnswer>('api/queues')
    this.#rows = queues
    this.#table.update(queues)
    this.onNames(queues.map(({ queue }) => queue))
  }

  #columns(): Column<Queue>[] {
    return [
      textColumn('Queue', ({ queue }) => queue),
      {
        title: 'State',
        cell: (cell) => {
          const badge = make('span', 'badge')
          cell.append(badge)
          return ({ paused }) => {
            setText(badge, paused ? 'paused' : 'open')
            badge.className = `badge ${paused ? 'open' : 'good'}`
          }
        },
      },
      textColumn('Ready', ({ ready }) => formatCount(ready), true),
      textColumn('Delayed', ({ delayed }) => formatCount(delayed), true),
      textColumn('Active', ({ active }) => formatCount(active), true),
      textColumn('Dead', ({ dead }) => formatCount(dead), true),
      textColumn('Oldest waits', ({ oldestAgeMs }) => formatDuration(oldestAgeMs), true),
      {
        title: 'Actions',
        cell: (cell, row) => {
          const button = makeButton('Pause', () => act(button, () => this.#turn(row())))
          cell.append(button)
          return ({ queue, paused }) => {
            setText(button, paused ? 'Resume' : 'Pause')
            button.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} the queue ${queue}`)
            button.hidden = !this.#mayPause
          }
        },
      },
    ]
  }

  async #turn({ queue, paused }: Queue): Promise<string> {
    await post(`api/queues/${encodeURIComponent(queue)}/${paused ? 'resume' : 'pause'}`)
    await this.load()
    return `The queue ${queue} is ${paused ? 'resumed' : 'paused'}.`
  }
}
