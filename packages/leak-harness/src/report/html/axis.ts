import type { Measure } from '../../witness/figures.ts'

/** Marks of an axis, at round numbers. */
export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly { readonly value: number; readonly label: string }[]
}

const UNITS: readonly (readonly [size: number, name: string])[] = [
  [1e9, ' GB'],
  [1e6, ' MB'],
  [1e3, ' kB'],
  [1, ' B'],
]

const COUNT: readonly [size: number, name: string] = [1, '']

/** An axis from one value to another, with marks at about `count` round numbers between them. */
export function toAxis(low: number, high: number, count: number, measure: Measure | 'jobs'): Axis {
  const isCount = measure === 'handles' || measure === 'jobs'
  const step = Math.max(isCount ? 1 : 0, roundStep((high - low) / count))
  const [size, name] = isCount
    ? COUNT
    : (UNITS.find(([least]) => Math.abs(high) >= least) ?? (UNITS[3] as [number, string]))
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9))
  const ticks: Axis['ticks'][number][] = []
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    const value = at * step
    const text = (value / size).toLocaleString('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
    ticks.push({ value, label: `${text.replace(/^-0$/, '0')}${name}` })
  }
  return { low, high, ticks }
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  return power * ([1, 2, 5].find((one) => one * power >= step * 0.999) ?? 10)
}
