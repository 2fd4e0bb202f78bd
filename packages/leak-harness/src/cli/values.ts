import { type Duration, toMs } from '@isobar/core'
import { HarnessError } from '../errors.ts'
import { DEFAULT_BUDGET } from '../options.ts'
import type { Budget } from '../replay/contract.ts'

function list(value: string | undefined): string[] | undefined {
  return value
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Names in a list, each once; undefined when there is no list. */
export function named(flag: string, value: string | undefined): string[] | undefined {
  const names = list(value)
  if (names?.length === 0) throw usage(`${flag} names none`)
  return names && [...new Set(names)]
}

/** A whole number that is at least so much. */
export function whole(flag: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value.replaceAll('_', ''))
  if (!Number.isSafeInteger(number) || number < least || value.trim() === '')
    throw usage(`${flag} ${value} is not a whole number of ${least} or more`)
  return number
}

/** A duration, in ms. */
export function duration(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  try {
    const ms = toMs(value as Duration)
    if (ms > 0) return ms
  } catch {
    // Said below, with the flag's name.
  }
  throw usage(`${flag} ${value} is not a duration over 0; give a number with a unit, such as 60s or 2m`)
}

/** What measures may grow by a job. */
export function budget(value: string | undefined): Partial<Budget> | undefined {
  const parts = (list(value) ?? []).map((part) => {
    const [name = '', number = '', ...rest] = part.split('=')
    const amount = Number(number)
    if (!Object.hasOwn(DEFAULT_BUDGET, name))
      throw usage(`--budget has no measure "${name}"; the measures are ${Object.keys(DEFAULT_BUDGET).join(', ')}`)
    if (number.trim() === '' || rest.length > 0 || !Number.isFinite(amount) || amount < 0)
      throw usage(`--budget ${part} has no number of 0 or more`)
    return [name, amount] as const
  })
  return parts.length === 0 ? undefined : Object.fromEntries(parts)
}

/** One of the words that are known. */
export function choice<Name extends string>(
  flag: string,
  value: string | undefined,
  known: readonly Name[],
): Name | undefined {
  if (value === undefined) return undefined
  const chosen = known.find((one) => one === value)
  if (!chosen) throw usage(`${flag} ${value} is none of ${known.join(', ')}`)
  return chosen
}

/** Ways to report, all of which are known. */
export function reporters<Name extends string>(names: readonly string[], known: readonly Name[]): readonly Name[] {
  return names.map((name) => {
    const reporter = known.find((one) => one === name)
    if (!reporter) throw usage(`there is no reporter "${name}"; the reporters are ${known.join(', ')}`)
    return reporter
  })
}

/** An error in the command line. */
export function usage(problem: string): HarnessError {
  return new HarnessError('HARNESS_USAGE', `${problem}; see leak-harness --help`)
}
