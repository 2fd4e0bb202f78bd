import type { StoredJob } from '../broker.ts'
import { type Size, toBytes } from '../duration.ts'
import { IsobarError, type IsobarErrorOptions, type JobLabel, labelOf, OptionError } from '../errors.ts'
import type { Hook } from '../hooks.ts'
import { byteLength, encodeData, readPayload } from '../json.ts'
import { definePlugin, type Plugin } from '../plugin.ts'
import { serializeError } from '../serialized-error.ts'

/** Lines that a recorder writes at most by default. */
export const DEFAULT_MAX_JOBS = 10_000

/** Bytes that a line has at most by default, as UTF-8. */
export const DEFAULT_MAX_LINE_BYTES = 65_536

/** Lines at most that `write` has not answered for. */
export const MAX_LINES_IN_FLIGHT = 16

/** A job as `redact` may know it: all but its payload. */
export type RecordedJob = Omit<StoredJob, 'payload'>

/**
 * What kept a job of the sample out of the recording.
 * - `data`: `redact` threw or gave a promise, or JSON cannot write the data.
 * - `size`: its line has more than `maxBytes`.
 * - `write`: `write` threw or rejected.
 * - `busy`: `write` has yet to answer for 16 lines.
 */
export type SkipReason = 'data' | 'size' | 'write' | 'busy'

/** What a recorder has done, counted in this isolate since it was made. */
export interface RecorderStats {
  /** Lines that `write` took. */
  readonly recorded: number
  /** Jobs of the sample that are not in the recording, by reason. */
  readonly skipped: Readonly<Record<SkipReason, number>>
}

/** A job was kept out of the recording. It runs as it would without. */
export class RecorderError extends IsobarError {
  readonly reason: SkipReason

  constructor(reason: SkipReason, job: JobLabel, problem: string, options?: IsobarErrorOptions) {
    super('RECORDER', `${labelOf(job)} was not recorded: ${problem}; further ones are only counted`, options)
    this.reason = reason
  }
}

/** Options of `recorder`. */
export interface RecorderOptions {
  /**
   * Takes a line of JSON, without its line break, before the handler runs: what is written when it returns is there even
   * if the job ends the process. One that goes on returns a promise; no job waits for it.
   */
  readonly write: (line: string) => unknown
  /** Share of the jobs that are recorded, 0 to 1, drawn at each start. Default 1: all, until there are `maxJobs`. */
  readonly sample?: number
  /** Lines handed to `write` in this isolate, after which the recording is over. Default 10,000. */
  readonly maxJobs?: number
  /** Largest line, as UTF-8. Default 64 KiB. */
  readonly maxBytes?: Size
  /**
   * Gives the data to write instead, at once; nothing is null. It gets a copy, which it may change. A job that it fails
   * on is not recorded. Default: the data as it is.
   */
  readonly redact?: (data: unknown, job: RecordedJob) => unknown
  /** Draws the sample: a number from 0 to below 1. Default `Math.random`. */
  readonly random?: () => number
  /** Hears of the first job that is kept out for each reason. Default: `console.warn`, the message alone. */
  readonly onError?: (error: RecorderError) => unknown
}

/** A plugin that records jobs. */
export interface Recorder extends Plugin {
  /** What it listens with, for where there is no app: `serve(url, { on: { start: recording.record } })`. */
  readonly record: Hook<'start'>
  /** What it has done so far. */
  stats(): RecorderStats
}

/**
 * Writes a sample of the jobs that start as lines of JSON, `{ name, data, attempt }`, for `leak-harness run --trace` to
 * replay: the data as it was enqueued, before its schema, at each attempt. It neither fails, holds up nor changes a job.
 *
 * @example
 * app.use(recorder({ write: (line) => console.log(line), sample: 0.01, redact: (_, job) => ({ of: job.tenant }) }))
 *
 * @throws {OptionError} when `sample` is not from 0 to 1, `maxJobs` no whole number of at least 1, or `maxBytes` no size.
 */
export function recorder(options: RecorderOptions): Recorder {
  const { write, redact, sample = 1, maxJobs = DEFAULT_MAX_JOBS, random = Math.random } = options
  const { onError = ({ message }) => console.warn(`isobar: ${message}`) } = options
  const maxBytes = toBytes(options.maxBytes ?? DEFAULT_MAX_LINE_BYTES)
  if (!(sample >= 0 && sample <= 1)) throw new OptionError(`recorder sample ${sample} must be from 0 to 1`)
  if (!Number.isInteger(maxJobs) || maxJobs < 1)
    throw new OptionError(`recorder maxJobs ${maxJobs} must be a whole number of at least 1`)
  const skipped: Record<SkipReason, number> = { data: 0, size: 0, write: 0, busy: 0 }
  let recorded = 0
  let left = maxJobs
  let inFlight = 0

  const skip = (reason: SkipReason, job: JobLabel, problem: string, options?: IsobarErrorOptions): void => {
    if (skipped[reason]++ > 0) return
    const error = new RecorderError(reason, job, problem, options)
    promised(() => onError(error)).catch(() => console.error('isobar: onError of the recorder failed'))
  }

  // Apart from what reads the job, so that a line in flight holds nothing of it but its label.
  const hand = (line: string, job: JobLabel): void => {
    const fail = (cause: unknown): void =>
      skip('write', job, `write failed (${serializeError(cause).message})`, { cause })
    left--
    try {
      const answer = write(line)
      if (!isThenable(answer)) return void recorded++
      inFlight++
      promised(() => answer)
        .then(() => recorded++, fail)
        .finally(() => inFlight--)
    } catch (cause) {
      fail(cause)
    }
  }

  const record: Hook<'start'> = ({ job }) => {
    if (left === 0 || !(random() < sample)) return
    const { id, name, queue } = job
    if (inFlight === MAX_LINES_IN_FLIGHT) return skip('busy', job, `${inFlight} lines wait for write to end`)
    let line: string
    try {
      line = `{"name":${JSON.stringify(name)},"data":${toText(job, redact)},"attempt":${job.attempt}}`
    } catch (cause) {
      return skip('data', job, 'its data cannot be redacted, or JSON cannot write it', { cause })
    }
    const bytes = byteLength(line)
    if (bytes > maxBytes) return skip('size', job, `its line has ${bytes} bytes, over maxBytes of ${maxBytes}`)
    hand(line, { id, name, queue })
  }

  const plugin = definePlugin({ name: 'recorder', setup: (app) => void app.hook('start', record) })
  return Object.freeze({ ...plugin, record, stats: () => ({ recorded, skipped: { ...skipped } }) })
}

/** The data to write, as JSON in one line: as it comes, it may be laid out over several. */
function toText(stored: StoredJob, redact: RecorderOptions['redact']): string {
  const { payload, ...job } = stored
  const toJson = (data: unknown): string => encodeData(job.name, data, Number.POSITIVE_INFINITY)
  const text = 'text' in payload ? payload.text : toJson(readPayload(stored, Number.POSITIVE_INFINITY))
  if (!redact) return /[\r\n]/.test(text) ? toJson(JSON.parse(text)) : text
  const answer = redact(JSON.parse(text), job)
  if (!isThenable(answer)) return toJson(answer)
  promised(() => answer).catch(() => {})
  throw new TypeError('redact gave a promise; it must answer at once')
}

/** A promise of its own, whatever is thrown, or pretends to be one. */
function promised(make: () => unknown): Promise<unknown> {
  return new Promise((resolve) => resolve(make()))
}

function isThenable(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
