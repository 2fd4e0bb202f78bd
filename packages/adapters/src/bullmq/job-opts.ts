/** What BullMQ's options of a job say that matters here. */
export interface JobOpts {
  /** How long it was to wait at first, in ms. */
  readonly delayMs: number
  /** Its trace context. */
  readonly trace?: string
  /** What is kept of it when it is done: so many jobs, for so many seconds. Absent: as the broker says. */
  readonly keep?: Keep
}

/** How many finished jobs are kept, and for how many seconds. Absent: no limit. */
export interface Keep {
  readonly count?: number
  readonly age?: number
}

const NONE: JobOpts = { delayMs: 0 }

/** Reads the options as BullMQ stores them; what is not as it should be is as if it were not there. */
export function readOpts(text: string | null | undefined): JobOpts {
  // Most jobs have nothing of it: no need to parse.
  if (!text || !/"(?:delay|tm|removeOnComplete)":/.test(text)) return NONE
  let opts: unknown
  try {
    opts = JSON.parse(text)
  } catch {
    return NONE
  }
  if (typeof opts !== 'object' || opts === null) return NONE
  const { delay, tm, removeOnComplete } = opts as Readonly<Record<string, unknown>>
  const keep = toKeep(removeOnComplete)
  return {
    delayMs: typeof delay === 'number' && delay > 0 ? delay : 0,
    ...(typeof tm === 'string' && tm !== '' && { trace: tm }),
    ...(keep && { keep }),
  }
}

/** BullMQ's `removeOnComplete`: a boolean, a number of jobs to keep, or both limits. */
function toKeep(value: unknown): Keep | undefined {
  if (typeof value === 'boolean') return { count: value ? 0 : -1 }
  if (typeof value === 'number' && Number.isInteger(value)) return { count: value }
  if (typeof value !== 'object' || value === null) return undefined
  const { count, age } = value as Readonly<Record<string, unknown>>
  return { ...(typeof count === 'number' && { count }), ...(typeof age === 'number' && { age }) }
}
