import type { BleedReport } from '../bleed/bleed-report.ts'
import type { Paint } from './paint.ts'

/** Changes of the process that are shown. */
const MAX_SHOWN = 10

const STYLE = { clean: 'green', bleeds: 'red', undecided: 'yellow' } as const

/** The bleed check as a person reads it. */
export function bleedLines(bleed: BleedReport, paint: Paint): string[] {
  const { verdict, because, findings, changes, notComparable, jobs, compared, processes, ms } = bleed
  return [
    `${paint('bold', paint(STYLE[verdict], verdict.toUpperCase()))}  ${because}`,
    ...findings.flatMap(({ type, job, jobs: count, alone, after, order }) => [
      '',
      `  ${type}, job ${job}${count > 1 ? ` and ${count - 1} more` : ''}`,
      `    alone: ${alone}`,
      `    ${COMPANY[order]}: ${after}`,
    ]),
    '',
    ...changes.slice(0, MAX_SHOWN).map(({ type, what }) => `  ${paint('yellow', 'note:')} ${type} changed ${what}`),
    ...notComparable.map(
      (one) => `  ${paint('yellow', 'note:')} ${one.type}: ${one.jobs} of ${one.of} jobs could not be compared`,
    ),
    `  ${paint('dim', `${compared} of ${jobs} jobs compared; ${processes} processes; ${(ms / 1000).toFixed(1)} s`)}`,
  ]
}

/** In what company a job came to something else. */
export const COMPANY: Readonly<Record<'forward' | 'reversed' | 'used', string>> = {
  forward: 'after the jobs before it',
  reversed: 'after those that come later',
  used: 'in a used process',
}
