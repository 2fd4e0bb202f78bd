import { type JobSpec, OptionError } from '@isobar/core'
import { PRIORITIES } from '@isobar/core/codec'
import { toArrayLiteral } from './array-literal.ts'

/** Longest id, name, queue, key or tenant, in bytes: two of them must fit into an entry of an index. */
const MAX_TEXT_BYTES = 1_000

/** Most bytes that one UTF-16 code unit takes in UTF-8. */
const MAX_UNIT_BYTES = 3

/** Longest text that says why data could not be read, in characters. */
const MAX_PROBLEM = 600

/** Most characters of data in one statement. */
const MAX_STATEMENT_CHARS = 8_000_000

/** Most jobs in one statement. */
const MAX_STATEMENT_JOBS = 5_000

/** Jobs as the arguments of the SQL function `enqueue`, but for the last two. */
export type SpecRows = readonly unknown[]

/**
 * Refuses texts that no column or index takes.
 * @throws {OptionError} naming the job and what to change.
 */
export function assertTexts(specs: readonly JobSpec[]): void {
  for (const spec of specs) {
    for (const field of ['id', 'name', 'queue', 'key', 'tenant'] as const) {
      const text = spec[field]
      if (text === undefined || (isShort(text) && !text.includes('\u0000'))) continue
      throw new OptionError(
        `${field} of job ${spec.name.slice(0, 100)} must have at most ${MAX_TEXT_BYTES} bytes and no NUL`,
      )
    }
  }
}

const isShort = (text: string): boolean =>
  text.length * MAX_UNIT_BYTES <= MAX_TEXT_BYTES || Buffer.byteLength(text) <= MAX_TEXT_BYTES

/** Divides jobs into what goes well into one statement. */
export function* toChunks(jobs: readonly JobSpec[]): Generator<readonly JobSpec[]> {
  let start = 0
  let chars = 0
  for (const [index, spec] of jobs.entries()) {
    if (index > start && (chars + spec.text.length > MAX_STATEMENT_CHARS || index - start >= MAX_STATEMENT_JOBS)) {
      yield jobs.slice(start, index)
      start = index
      chars = 0
    }
    chars += spec.text.length
  }
  if (start < jobs.length) yield start === 0 ? jobs : jobs.slice(start)
}

/** Jobs as the arguments of `enqueue`. With `checked`, data that are not JSON go in as the bytes they are. */
export function toSpecRows(specs: readonly JobSpec[], checked: boolean): SpecRows {
  const column = (of: (spec: JobSpec, at: number) => string | number | null): string => toArrayLiteral(specs.map(of))
  const keys = optional(specs, ({ key }) => key)
  const problems = checked ? specs.map((spec) => problemOf(spec.text)) : undefined
  const broken = problems?.some((problem) => problem !== null) ? problems : undefined
  return [
    optional(specs, ({ id }) => id),
    column((spec) => spec.name),
    column((spec) => spec.queue),
    column((spec) => PRIORITIES.indexOf(spec.priority)),
    column((spec) => Math.max(0, spec.delayMs)),
    // No string of JSON has a line break in it: one that is not ended does not go on in the next text.
    `[${specs.map((spec, at) => (broken?.[at] ? 'null' : spec.text)).join(',\n')}]`,
    optional(specs, ({ tenant }) => tenant),
    keys,
    keys && column((spec) => spec.dedupe?.mode ?? 'alive'),
    keys && column((spec) => (spec.dedupe?.mode === 'window' ? spec.dedupe.windowMs : null)),
    broken ? column((spec, at) => (broken[at] ? Buffer.from(spec.text).toString('base64') : null)) : null,
    broken ? toArrayLiteral(broken) : null,
  ]
}

/** The trace contexts of jobs: the last argument of `enqueue` and of `settle`. */
export const toTraces = (specs: readonly JobSpec[]): string | null => optional(specs, ({ trace }) => trace)

/** A column that most jobs have not. */
function optional(specs: readonly JobSpec[], of: (spec: JobSpec) => string | undefined): string | null {
  return specs.some((spec) => of(spec) !== undefined) ? toArrayLiteral(specs.map((spec) => of(spec) ?? null)) : null
}

function problemOf(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, MAX_PROBLEM) : 'it is not JSON'
  }
}
