import { HarnessError } from '../errors.ts'
import { DEFAULT_JOB_NAME } from './job-source.ts'
import { keepLines, parseJsonLine } from './json-lines.ts'

/** One line of a trace. */
export interface TraceLine {
  readonly name: string | undefined
  readonly data: unknown
  readonly attempt: number | undefined
}

/** A trace: recorded jobs, parsed anew each time that one is asked for, so that no job sees another's object. */
export interface Trace {
  readonly length: number
  /** The line of job `i`; a trace shorter than the run starts over. */
  line(i: number): TraceLine
}

/**
 * Reads a JSONL trace: `{ "name"?, "data", "attempt"? }` a line; empty lines are passed over.
 * @param only the name of the jobs to keep; all when left out
 * @throws {HarnessError} `HARNESS_TRACE` naming the first line that cannot be used, `HARNESS_NO_JOBS` when there is none.
 */
export function parseTrace(text: string, file: string, only?: string): Trace {
  const lines = keepLines(text, file, parseLine, ({ name = DEFAULT_JOB_NAME }) => only === undefined || name === only)
  if (lines.length === 0)
    throw new HarnessError(
      'HARNESS_NO_JOBS',
      `the trace ${file} has no job${only === undefined ? '' : ` called "${only}"`}; give one line of JSON a job`,
    )
  return { length: lines.length, line: (i) => parseLine(lines[i % lines.length] as string, file) }
}

function parseLine(line: string, where: string): TraceLine {
  const value = parseJsonLine(line, where)
  if (typeof value !== 'object' || value === null || !('data' in value)) {
    throw new HarnessError(
      'HARNESS_TRACE',
      `${where} has no "data"; a line looks like { "name": "email.send", "data": {}, "attempt": 1 }`,
    )
  }
  const { name, data, attempt } = value as { name?: unknown; data: unknown; attempt?: unknown }
  if (name !== undefined && typeof name !== 'string')
    throw new HarnessError('HARNESS_TRACE', `"name" of ${where} is not a string`)
  if (attempt !== undefined && !(Number.isInteger(attempt) && (attempt as number) > 0)) {
    throw new HarnessError('HARNESS_TRACE', `"attempt" of ${where} is not a whole number over 0`)
  }
  return { name, data, attempt: attempt as number | undefined }
}
