import { HarnessError } from '../../errors.ts'
import { keepLines, parseJsonLine } from '../../replay/json-lines.ts'
import type { ContentType } from './worker/commands.ts'

/** One message of a trace. */
export interface TracedMessage {
  readonly body: unknown
  readonly contentType: ContentType
  readonly attempts: number
}

/** Recorded messages, parsed anew each time that one is asked for. */
export interface QueueTrace {
  readonly length: number
  /** The message of job `i`; a trace shorter than the run starts over. */
  message(i: number): TracedMessage
}

const CONTENT_TYPES: readonly string[] = ['json', 'text', 'bytes', 'v8']

/**
 * Reads a JSONL trace of messages: `{ "body", "contentType"?, "attempts"? }` a line, or `{ "data" }`; empty lines are passed
 * over. A body of bytes is base64.
 * @throws {HarnessError} `HARNESS_TRACE` naming the first line that cannot be used, `HARNESS_NO_JOBS` when there is none.
 */
export function parseQueueTrace(text: string, file: string): QueueTrace {
  const lines = keepLines(text, file, parseLine)
  if (lines.length === 0)
    throw new HarnessError('HARNESS_NO_JOBS', `the trace ${file} has no message; give one line of JSON a message`)
  return { length: lines.length, message: (i) => parseLine(lines[i % lines.length] as string, file) }
}

function parseLine(line: string, where: string): TracedMessage {
  const value = parseJsonLine(line, where)
  if (typeof value !== 'object' || value === null || !('body' in value || 'data' in value))
    throw new HarnessError(
      'HARNESS_TRACE',
      `${where} has no "body"; a message looks like { "body": {}, "contentType": "json", "attempts": 1 }`,
    )
  const { body, data, contentType = 'json', attempts, attempt } = value as Readonly<Record<string, unknown>>
  const tries = attempts ?? attempt ?? 1
  if (typeof contentType !== 'string' || !CONTENT_TYPES.includes(contentType))
    throw new HarnessError('HARNESS_TRACE', `"contentType" of ${where} is none of ${CONTENT_TYPES.join(', ')}`)
  if (contentType !== 'json' && contentType !== 'v8' && typeof (body ?? data) !== 'string')
    throw new HarnessError('HARNESS_TRACE', `the body of ${where} is not a string, as "${contentType}" wants it`)
  if (!Number.isInteger(tries) || (tries as number) < 1)
    throw new HarnessError('HARNESS_TRACE', `"attempts" of ${where} is not a whole number over 0`)
  return {
    body: 'body' in value ? body : data,
    contentType: contentType as ContentType,
    attempts: tries as number,
  }
}
