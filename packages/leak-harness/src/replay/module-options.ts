import { HarnessError } from '../errors.ts'
import { problemWith } from '../option-check.ts'
import type { ModuleOptions } from './contract.ts'

/** Every option there is, so that a misspelt one is not passed over in silence. */
const KINDS: Readonly<Record<keyof ModuleOptions, 'function' | 'boolean' | 'number' | 'object'>> = {
  setup: 'function',
  teardown: 'function',
  vary: 'function',
  expectFailures: 'boolean',
  lifetime: 'object',
  budget: 'object',
  jobs: 'number',
  warmup: 'number',
  concurrency: 'number',
}

/**
 * Checks what a module exports as `harness`.
 * @throws {HarnessError} `HARNESS_LOAD` naming the first option that does not exist, or has a value that cannot be used.
 */
export function toModuleOptions(harness: unknown, path: string): ModuleOptions {
  const refuse = (problem: string): HarnessError =>
    new HarnessError('HARNESS_LOAD', `"harness" of ${path} cannot be used: ${problem}`)
  if (typeof harness !== 'object' || harness === null) throw refuse('it must be an object of options')
  for (const [name, value] of Object.entries(harness)) {
    const kind = KINDS[name as keyof ModuleOptions]
    if (!Object.hasOwn(KINDS, name))
      throw refuse(`it has no option "${name}"; the options are ${Object.keys(KINDS).join(', ')}`)
    if (value !== undefined && (value === null || typeof value !== kind))
      throw refuse(`"${name}" must be ${kind === 'object' ? 'an' : 'a'} ${kind}`)
  }
  const options = harness as ModuleOptions
  const problem = problemWith({ ...options }) ?? problemWithLifetime({ ...options.lifetime })
  if (problem) throw refuse(problem)
  return options
}

function problemWithLifetime(lifetime: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(lifetime)) {
    if (name !== 'jobs' && name !== 'ms') return `"lifetime" has no "${name}"; it has jobs and ms`
    if (value !== undefined && !(Number.isFinite(value) && (value as number) >= 0))
      return `"lifetime.${name}" must be a number of 0 or more`
    if (name === 'jobs' && value !== undefined && !Number.isInteger(value))
      return '"lifetime.jobs" must be a whole number'
  }
}
