import { DEFAULT_BUDGET } from './options.ts'

/** The least that each option that is a whole number may be. */
const LEAST: Readonly<Record<string, number>> = { jobs: 1, warmup: 0, concurrency: 1, seed: 0 }

/** Options that are a time in ms, and more than none. */
const TIMES: readonly string[] = ['timeMs', 'stallMs']

/**
 * What is wrong with options that a program or a module gives, in one sentence; undefined when nothing is. What is left
 * out is fine, and so are options that are none of numbers: those are for others to check.
 */
export function problemWith(options: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    const least = LEAST[name]
    if (least !== undefined && !(Number.isSafeInteger(value) && (value as number) >= least))
      return `"${name}" is ${show(value)}; it must be a whole number of ${least} or more`
    if (TIMES.includes(name) && !(Number.isFinite(value) && (value as number) > 0))
      return `"${name}" is ${show(value)}; it must be a number of ms over 0`
    if (name === 'bleed' && typeof value !== 'boolean') return `"bleed" is ${show(value)}; it must be true or false`
    const problem = name === 'budget' ? problemWithBudget(value) : undefined
    if (problem) return problem
  }
}

function problemWithBudget(budget: unknown): string | undefined {
  if (typeof budget !== 'object' || budget === null) return `"budget" is ${show(budget)}; it must be an object`
  for (const [measure, value] of Object.entries(budget)) {
    if (!Object.hasOwn(DEFAULT_BUDGET, measure))
      return `"budget" has no measure "${measure}"; the measures are ${Object.keys(DEFAULT_BUDGET).join(', ')}`
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      return `"budget.${measure}" is ${show(value)}; it must be a number of 0 or more`
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? 'an object' : String(value)
}
