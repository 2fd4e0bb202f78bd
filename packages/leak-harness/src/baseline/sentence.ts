import { formatNumber } from '../report/format.ts'
import type { Leak } from './leaks.ts'

const UNITS: Readonly<Record<Leak['kind'], string>> = { group: 'objects', container: 'entries', measure: 'B' }

/** A leak in one phrase: `Invoice, kept by app.ts → variable seen: Map, 1.00 objects a job`. */
export function describeLeak(leak: Leak): string {
  return `${nameOf(leak)}, ${rateOf(leak)}`
}

/** A leak that is larger than it was, in one phrase. */
export function describeGrowth(leak: Leak, before: Leak): string {
  return `${nameOf(leak)}, ${rateOf(leak)}, which was ${formatNumber(before.perJob)}`
}

/** What leaks and who keeps it. */
export function nameOf({ kind, name, path }: Leak): string {
  if (kind === 'measure') return name
  const owner = path === '' || path === 'unknown' ? '' : kind === 'group' ? `, kept by ${path}` : `, at ${path}`
  return `${name}${owner}`
}

function rateOf({ kind, name, perJob }: Leak): string {
  const unit = name === 'handles' && kind === 'measure' ? '' : `${UNITS[kind]} `
  return `${formatNumber(perJob)} ${unit}a job`
}
