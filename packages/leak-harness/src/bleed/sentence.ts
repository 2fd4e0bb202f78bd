import type { BleedResult } from './check.ts'
import type { Observation } from './observation.ts'

/** Types that are named. */
const MAX_NAMED = 5

/** What a bleed check comes to, in one sentence. */
export function toBecause(
  { findings, jobs, compared, notComparable, used }: Omit<BleedResult, 'because'>,
  unproven: number,
  observations: readonly Observation[],
): string {
  if (findings.length > 0) {
    const rest = findings.length > MAX_NAMED ? `; and ${findings.length - MAX_NAMED} more types` : ''
    const named = findings
      .slice(0, MAX_NAMED)
      .map(({ type, kind, by, more, order }) => {
        const what = kind === 'outcome' ? 'ends differently' : 'answers differently'
        const after = by === null ? AFTER[order] : `after ${by.join(', ')}${more ? ' and maybe others' : ''}`
        return `${type} ${what} ${after}`
      })
      .join('; ')
    return named + rest
  }
  if (unproven > 0) return `${unproven} jobs came to something else, and there was no time to tell that from chance`
  if (compared === 0) return 'no job comes to the same when the same is done twice, so that nothing could be compared'
  const silent = observations.filter(({ outcome, text }) => outcome === 'done' && text === 'undefined').length
  const mute = silent === 0 ? '' : `; ${silent} answer with nothing, so that only whether they fail was compared`
  const some = notComparable.length === 0 ? '' : `; ${jobs - compared} could not be compared`
  const blind = notComparable.filter((type) => type.jobs === type.of).map(({ type }) => type)
  const none = blind.length === 0 ? '' : `, so that nothing can be said of ${blind.slice(0, MAX_NAMED).join(', ')}`
  const company = used ? 'in order, in reverse, in a used process and alone' : 'in order, in reverse and alone'
  return `${compared} jobs came to the same ${company}${some}${none}${mute}`
}

const AFTER: Readonly<Record<'forward' | 'reversed' | 'used', string>> = {
  forward: 'after the jobs before it',
  reversed: 'after the jobs that come later',
  used: 'in a used process',
}
