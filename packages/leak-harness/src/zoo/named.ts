import type { RunReport } from '../result.ts'
import { MEASURES } from '../witness/figures.ts'
import type { Suspect } from './cases.ts'

/** Something that a report says leaks: survivors or a container and the way that keeps them, or a measure. */
interface Named {
  readonly what: string
  readonly path: string
  readonly measure: string
}

/** What a report names as leaking, in a few words, and whether that is the suspect (true where there is none). */
export function namedIn(
  report: RunReport,
  suspect: Suspect = {},
): { readonly named: string | null; readonly isSuspect: boolean } {
  const all = leakingIn(report)
  const found = all.find((one) => isSuspect(one, suspect))
  const shown = found ?? all[0]
  return { named: shown ? describe(shown) : null, isSuspect: found !== undefined || Object.keys(suspect).length === 0 }
}

function leakingIn({ cohort, containers, measures }: RunReport): Named[] {
  return [
    ...cohort.groups
      .filter(({ state }) => state === 'leaks')
      .map(({ constructor: what, path }) => ({ what, path: path.join(' → '), measure: '' })),
    ...containers
      .filter(({ state }) => state === 'leaks')
      .map(({ name, owner }) => ({ what: name, path: owner, measure: '' })),
    ...MEASURES.filter((measure) => measures[measure].verdict === 'grows').map((measure) => ({
      what: '',
      path: '',
      measure,
    })),
  ]
}

function isSuspect(one: Named, suspect: Suspect): boolean {
  const { what = /^/, path = /^/, measure } = suspect
  if (measure !== undefined) return one.measure === measure
  if (one.measure !== '') return false
  const isNamed = typeof what === 'string' ? one.what === what : what.test(one.what)
  return isNamed && path.test(one.path)
}

/** Of a long way the end, where the owner is. */
function describe({ what, path, measure }: Named): string {
  if (measure !== '') return measure
  const steps = path.split(' → ')
  const way = steps.length > 3 ? ['…', ...steps.slice(-3)] : steps
  return path === '' || path === 'unknown' ? what : `${what} in ${way.join(' → ')}`
}
