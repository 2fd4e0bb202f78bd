import type { CountAnswer, DeadLetterItem, DeadLettersAnswer, HealthAnswer, Selection } from '../answers.ts'
import { act } from './act.ts'
import { get, post, reasonOf } from './api.ts'
import { confirm } from './confirm.ts'
import { deadLetterColumns } from './dead-letter-columns.ts'
import { makeButton, need, setText, showSection } from './dom.ts'
import { formatCount } from './format.ts'
import { Table } from './table.ts'

/** Letters on a page. */
const PAGE = 20

/** Pages back that are remembered; further back is the first page. */
const MAX_BACK = 200

const letters = (count: number): string => `${formatCount(count)} dead letter${count === 1 ? '' : 's'}`

/** Dead letters: a page at a time, of one queue or all, to look at, redrive and discard. */
export class DeadLetters {
  readonly #table: Table<DeadLetterItem>
  readonly #queue = need<HTMLSelectElement>('dead-queue')
  readonly #values = need<HTMLInputElement>('dead-values')
  readonly #older: HTMLButtonElement
  readonly #newer: HTMLButtonElement
  readonly #ofQueue: readonly HTMLButtonElement[]
  #may: HealthAnswer['may'] = { write: false, payloads: false }
  #items: readonly DeadLetterItem[] = []
  /** Cursors of the pages up to this one; null for the first. */
  #cursors: (string | null)[] = [null]
  #next: string | null = null
  /** Counts the requests: only the answer to the last is shown. */
  #asked = 0

  constructor(openJob: (id: string) => void) {
    const columns = deadLetterColumns({
      mayWrite: () => this.#may.write,
      openJob,
      redrive: (button, item) => this.#act(button, 'redrive', { ids: [item.id] }, item),
      discard: (button, item) => this.#act(button, 'discard', { ids: [item.id] }, item),
    })
    this.#table = new Table(need('dead'), columns, ({ id }) => id)
    this.#newer = makeButton('Newer', () => this.#page(-1))
    this.#older = makeButton('Older', () => this.#page(1))
    need('dead-pages').append(this.#newer, this.#older)
    this.#ofQueue = [
      makeButton('Redrive all of this queue', (button) => this.#act(button, 'redrive', { queue: this.#queue.value })),
      makeButton(
        'Discard all of this queue',
        (button) => this.#act(button, 'discard', { queue: this.#queue.value }),
        'danger',
      ),
    ]
    need('dead-actions').append(...this.#ofQueue)
    this.#queue.addEventListener('change', () => this.#first())
    this.#values.addEventListener('change', () => this.load())
  }

  allow({ may, can }: HealthAnswer): void {
    showSection('dead-section', can.deadLetter)
    need('dead-values-label').hidden = !may.payloads
    if (!may.payloads) this.#values.checked = false
    if (may.write === this.#may.write && may.payloads === this.#may.payloads) return
    this.#may = may
    this.#show()
  }

  /** Queues to choose from. The one that is chosen stays, even where it is gone. */
  setQueues(names: readonly string[]): void {
    const chosen = this.#queue.value
    const wanted = ['', ...new Set(chosen === '' ? names : [...names, chosen])]
    const shown = [...this.#queue.options].map(({ value }) => value)
    if (wanted.join('\n') === shown.join('\n')) return
    this.#queue.replaceChildren(...wanted.map((name) => new Option(name || 'all queues', name)))
    this.#queue.value = chosen
  }

  /** Asks for the page that is shown. */
  async load(): Promise<void> {
    const asked = ++this.#asked
    const query = new URLSearchParams({ limit: String(PAGE) })
    const cursor = this.#cursors.at(-1)
    if (this.#queue.value !== '') query.set('queue', this.#queue.value)
    if (cursor) query.set('cursor', cursor)
    if (this.#values.checked) query.set('payload', 'full')
    try {
      const answer = await get<DeadLettersAnswer>(`api/dead-letters?${query}`)
      if (asked !== this.#asked) return
      this.#items = answer.items
      this.#next = answer.cursor
      // What was on this page is dealt with: there is one before it.
      if (answer.items.length === 0 && this.#cursors.length > 1) return this.#first()
      this.#show()
    } catch (error) {
      if (asked === this.#asked) setText(need('dead-note'), reasonOf(error))
    }
  }

  #first(): Promise<void> {
    this.#cursors = [null]
    return this.load()
  }

  #page(by: 1 | -1): void {
    if (by === 1 && this.#next !== null) this.#cursors.push(this.#next)
    else if (by === -1 && this.#cursors.length > 1) this.#cursors.pop()
    else return
    if (this.#cursors.length > MAX_BACK) this.#cursors.splice(1, 1)
    this.load()
  }

  #show(): void {
    this.#table.update(this.#items)
    const page = this.#cursors.length
    need('dead').hidden = this.#items.length === 0
    setText(
      need('dead-note'),
      this.#items.length === 0 ? 'No dead letters.' : `Page ${page}: ${letters(this.#items.length)}, newest first.`,
    )
    // Not `disabled`, which would throw the focus away at the last page.
    this.#newer.setAttribute('aria-disabled', String(page === 1))
    this.#older.setAttribute('aria-disabled', String(this.#next === null))
    need('dead-pages').hidden = page === 1 && this.#next === null
    for (const button of this.#ofQueue) {
      button.hidden = !this.#may.write || this.#queue.value === '' || this.#items.length === 0
    }
  }

  async #act(
    button: HTMLButtonElement,
    action: 'redrive' | 'discard',
    selection: Selection,
    item?: DeadLetterItem,
  ): Promise<void> {
    const what = item ? `the dead letter of ${item.name} (${item.id})` : `all dead letters of ${this.#queue.value}`
    if (
      action === 'discard' &&
      !(await confirm(`Discard ${what}, with the payload? This cannot be undone.`, 'Discard'))
    )
      return
    const next = item && this.#table.neighbour(item.id)
    const done = await act(button, async () => {
      const { count } = await post<CountAnswer>(`api/dead-letters/${action}`, selection)
      await this.load()
      return `${letters(count)} ${action === 'redrive' ? 'put back into the queue' : 'discarded'}.`
    })
    // The button is gone with its row: the same one of the next row, or the heading, has the focus now.
    if (done && !button.isConnected) {
      const row = next === undefined ? undefined : this.#table.element(next)
      const place = row?.querySelector<HTMLElement>(`[data-action=${action}]`) ?? need('dead-title')
      place.focus()
    }
  }
}
