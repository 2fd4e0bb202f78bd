import type { DeadLetterItem } from '../answers.ts'
import { make, makeButton, setText } from './dom.ts'
import { formatCount, formatMoment, formatShort } from './format.ts'
import { showFacts } from './header.ts'
import { payloadNote, readable } from './payload.ts'
import { type Column, textColumn } from './table.ts'

/** Characters of an error that are shown before it is unfolded. */
const MAX_SUMMARY = 160

/** What can be done with a letter. */
export interface LetterActions {
  mayWrite(): boolean
  openJob(id: string): void
  redrive(button: HTMLButtonElement, item: DeadLetterItem): void
  discard(button: HTMLButtonElement, item: DeadLetterItem): void
}

/** The columns of the table of dead letters. What a row has no room for unfolds in it. */
export function deadLetterColumns(actions: LetterActions): readonly Column<DeadLetterItem>[] {
  return [
    textColumn('Job type', ({ name }) => name),
    textColumn('Died', ({ diedAt }) => formatMoment(diedAt), false, 'moment'),
    textColumn('Queue', ({ queue }) => queue),
    {
      title: 'Reason',
      cell: (cell) => {
        const badge = make('span', 'badge bad')
        cell.append(badge)
        return ({ reason }) => setText(badge, reason)
      },
    },
    textColumn('Attempts', ({ attempts }) => formatCount(attempts), true),
    { title: 'Error', cell: (cell, row) => errorCell(cell, row, actions) },
    { title: 'Actions', cell: (cell, row) => actionCell(cell, row, actions) },
  ]
}

function errorCell(
  cell: HTMLElement,
  row: () => DeadLetterItem,
  { openJob }: LetterActions,
): (item: DeadLetterItem) => void {
  const [details, summary, facts] = [make('details'), make('summary'), make('dl', 'facts')]
  const [note, payload] = [make('h4'), make('pre')]
  const stack = make('pre')
  const job = makeButton('Show the job', () => openJob(row().id), 'quiet')
  details.append(summary, facts, note, payload, make('h4', '', 'Error'), stack, job)
  cell.className = 'wide'
  cell.append(details)
  return (item) => {
    setText(summary, formatShort(`${item.error.name}: ${item.error.message}`, MAX_SUMMARY))
    showFacts(facts, [
      ['Id', item.id],
      ['Enqueued', formatMoment(item.enqueuedAt)],
      ['Priority', item.priority],
      ['Crashes', formatCount(item.crashes)],
      ['Redriven', `${formatCount(item.redrives)} times`],
      ...(item.tenant === null ? [] : [['Tenant', item.tenant] as const]),
      ...(item.error.code === null ? [] : [['Code', item.error.code] as const]),
    ])
    setText(note, `Payload (${payloadNote(item.payload)})`)
    setText(payload, readable(item.payload.text))
    setText(stack, readable(item.error.stack ?? `${item.error.name}: ${item.error.message}`))
  }
}

function actionCell(
  cell: HTMLElement,
  row: () => DeadLetterItem,
  { mayWrite, redrive, discard }: LetterActions,
): (item: DeadLetterItem) => void {
  const buttons = [
    makeButton('Redrive', (button) => redrive(button, row())),
    makeButton('Discard', (button) => discard(button, row()), 'danger'),
  ]
  cell.className = 'actions'
  cell.append(...buttons)
  return ({ name, id }) => {
    for (const button of buttons) {
      const text = button.textContent ?? ''
      button.dataset['action'] = text.toLowerCase()
      button.setAttribute('aria-label', `${text} ${name}, ${id}`)
      button.hidden = !mayWrite()
    }
  }
}
