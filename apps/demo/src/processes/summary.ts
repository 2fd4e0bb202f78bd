import { styleText } from 'node:util'
import type { Ledger } from '../ledger.ts'
import type { DemoStatus } from './demo.ts'
import { toCount, toGrowth, toMegabytes } from './format.ts'

/** Dead letters that the summary lists. */
const LISTED = 4

/** Columns where the terminal does not tell. */
const DEFAULT_COLUMNS = 120

/** What became of a run, as text for a terminal of so many columns. */
export function toSummary(status: DemoStatus, columns: number = DEFAULT_COLUMNS): string {
  const { ledger, notices, ended, endedBefore, total, starts, crashed, elapsedMs, deadNotes, ends, slope, mail } =
    status
  const { first, last } = ends
  const seconds = elapsedMs / 1_000
  const here = ended - endedBefore
  const isResumed = starts > 1
  const reasons = Object.entries(ledger.dead).sort(([a], [b]) => a.localeCompare(b))
  const dead = reasons.reduce((sum, [, count]) => sum + count, 0)
  const head = (text: string) => styleText('bold', text)
  const lines = [
    head(
      `${toCount(ended)} of ${toCount(total)} jobs${isResumed ? `, ${toCount(here)} of them` : ''} in ${seconds.toFixed(1)} s, ${toCount(here / Math.max(seconds, 0.001))} a second`,
    ),
    ...(isResumed
      ? [`  start ${starts} of this run: it went on at ${toCount(endedBefore)} jobs; the ledger is that of all starts`]
      : []),
    '',
    `  done             ${toCount(ledger.done).padStart(8)}   ${toCount(mail.messages)} messages sent by SMTP, ${toMegabytes(mail.bytes)}${isResumed ? ', since this start' : ''}`,
    `  failed attempts  ${toCount(ledger.failedAttempts).padStart(8)}   ${toCount(ledger.retried)} of them tried again`,
    `  dead letters     ${toCount(dead).padStart(8)}   ${reasons.map(([reason, count]) => `${reason} ${toCount(count)}`).join(', ')}`,
    ...oneOfEach(deadNotes).map(({ id, name, reason, message }) =>
      styleText('dim', cut(`    ${reason.padEnd(14)} ${name.padEnd(14)} ${id}  ${message}`, columns - 1)),
    ),
    ...(crashed.jobs > 0
      ? [
          `  handed out again ${toCount(crashed.jobs).padStart(8)}   jobs whose worker died or was silent, ${toCount(crashed.times)} times in all; no attempt charged`,
        ]
      : []),
    `  ledger           ${toVerdict(status)}`,
    '',
    head(`                   first ${toCount(first.jobs)} jobs   last ${toCount(last.jobs)} jobs`),
    `  median duration  ${`${first.medianMs.toFixed(2)} ms`.padStart(15)}  ${`${last.medianMs.toFixed(2)} ms`.padStart(15)}`,
    `  memory           ${toMegabytes(first.bytes).padStart(15)}  ${toMegabytes(last.bytes).padStart(15)}   heap and external, after a collection`,
    ...(slope === undefined
      ? []
      : [
          `  a job leaves     ${' '.repeat(17)}${toGrowth(slope).padStart(15)}   over the second half, compiled code included; pnpm leak tells them apart`,
        ]),
    '',
    ...notices.map((notice) => styleText('dim', `  note: ${notice}\n`)),
  ]
  return lines.join('\n')
}

/** Whether every job has come to the end that the trace meant for it. */
export function isAsForeseen({ ledger, expected }: Pick<DemoStatus, 'ledger' | 'expected'>): boolean {
  return toText(ledger) === toText(expected)
}

function toVerdict({ ledger, expected, ended, total, goesOn }: DemoStatus): string {
  if (ended !== total) return `not complete: ${goesOn ? 'start it again, and it goes on' : 'the run was ended early'}`
  return isAsForeseen({ ledger, expected })
    ? styleText('green', 'as foreseen: every job came to the end that the trace meant for it')
    : styleText('red', `NOT as foreseen: ${toText(expected)}`)
}

function toText({ done, retried, failedAttempts, dead }: Ledger): string {
  return JSON.stringify([done, retried, failedAttempts, Object.entries(dead).sort(([a], [b]) => a.localeCompare(b))])
}

/** The first dead letter of each reason: many of one kind tell no more than one. */
function oneOfEach(notes: DemoStatus['deadNotes']): DemoStatus['deadNotes'] {
  const sorted = [...notes].sort((a, b) => a.reason.localeCompare(b.reason) || a.id.localeCompare(b.id))
  return sorted.filter(({ reason }, at) => sorted[at - 1]?.reason !== reason).slice(0, LISTED)
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
