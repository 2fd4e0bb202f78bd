import { readFile } from 'node:fs/promises'
import { HarnessError } from '../errors.ts'
import type { HarnessReport } from '../result.ts'
import { MEASURES } from '../witness/figures.ts'

/** What makes a file that can be compared. */
const REMEDY = 'give a file that leak-harness run --reporter json wrote'

/**
 * Reads a report that `--reporter json` wrote.
 * @throws {HarnessError} `HARNESS_USAGE` when it cannot be read or is no such report.
 */
export async function readReport(file: string): Promise<HarnessReport> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError('HARNESS_USAGE', `the report cannot be read: ${reason}; ${REMEDY}`, { cause })
  }
  return parseReport(text, file)
}

/**
 * The report that a text has, checked as far as it is read.
 * @throws {HarnessError} `HARNESS_USAGE` when it has none.
 */
export function parseReport(text: string, file: string): HarnessReport {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError('HARNESS_USAGE', `${file} is no report: it is not JSON (${reason}); ${REMEDY}`, { cause })
  }
  const problem = problemOf(value)
  if (problem) throw new HarnessError('HARNESS_USAGE', `${file} is no report: ${problem}; ${REMEDY}`)
  return value as HarnessReport
}

/** What a value has to be. */
type Shape = 'string' | 'number' | 'number or null' | readonly string[] | { readonly [name: string]: Shape } | ListOf

interface ListOf {
  readonly list: Shape
}

const STATES = ['leaks', 'fills', 'ended'] as const

const MEASURE: Shape = { slope: 'number or null', high: 'number or null', budget: 'number', verdict: 'string' }

// To the compiler `constructor` of an object literal is that of all objects.
const GROUP: Shape = Object.fromEntries<Shape>([
  ['constructor', 'string'],
  ['perJob', 'number'],
  ['path', { list: 'string' }],
  ['state', STATES],
])

const CONTAINER: Shape = { name: 'string', owner: 'string', perJob: 'number', state: STATES }

const RUN: Shape = {
  runtime: { name: 'string', version: 'string' },
  module: 'string',
  verdict: ['flat', 'leak', 'undecided'],
  because: 'string',
  cohort: { groups: { list: GROUP } },
  containers: { list: CONTAINER },
  measures: Object.fromEntries(MEASURES.map((measure) => [measure, MEASURE])),
}

const FAILED: Shape = { runtime: { name: 'string' }, module: 'string', code: 'string', error: 'string' }

function problemOf(value: unknown): string | undefined {
  if (typeof value === 'object' && value !== null && 'version' in value && value.version !== 1)
    return `its version is ${JSON.stringify(value.version)}, and this one reads version 1`
  const problem = mismatch(value, { runs: { list: RUN }, failed: { list: FAILED } }, '')
  if (problem) return problem
  const bleeds = (value as HarnessReport).runs.flatMap(({ bleed }) => bleed ?? [])
  return mismatch(bleeds, { list: { findings: { list: { type: 'string' } } } }, 'bleed')
}

/** Where a value is not of its shape, said as a path. */
function mismatch(value: unknown, shape: Shape, at: string): string | undefined {
  if (shape === 'number or null') return value === null ? undefined : mismatch(value, 'number', at)
  if (typeof shape === 'string') return typeof value === shape ? undefined : `${at} is not a ${shape}`
  if (isChoice(shape)) return shape.some((one) => one === value) ? undefined : `${at} is none of ${shape.join(', ')}`
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${at} is not a list`
    return firstOf(value, (one, index) => mismatch(one, shape.list, `${at}[${index}]`))
  }
  if (typeof value !== 'object' || value === null) return `${at || 'it'} is not an object`
  const path = at === '' ? '' : `${at}.`
  return firstOf(Object.entries(shape), ([name, one]) =>
    mismatch(Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined, one, `${path}${name}`),
  )
}

function isChoice(shape: Shape): shape is readonly string[] {
  return Array.isArray(shape)
}

function isList(shape: Exclude<Shape, string | readonly string[]>): shape is ListOf {
  return 'list' in shape
}

function firstOf<T>(values: readonly T[], find: (value: T, at: number) => string | undefined): string | undefined {
  for (const [at, value] of values.entries()) {
    const found = find(value, at)
    if (found !== undefined) return found
  }
  return undefined
}
