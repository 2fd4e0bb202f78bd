/** A job of the bleed check: each run does it with the same number, name and data. */
export interface BleedJob {
  /** Makes its id. */
  readonly number: number
  readonly name: string
  readonly queue?: string | undefined
  readonly attempt?: number | undefined
  /** Data as JSON text; null where JSON does not hold it, or it is large: each process makes it anew then. */
  readonly data: string | null
}

/** What is to be compared. */
export interface ChosenJobs {
  /** In the order of their numbers. */
  readonly jobs: readonly BleedJob[]
  /** Jobs of the same names that are none of `jobs`: what a process has done when it is a used one. */
  readonly others: readonly BleedJob[]
}

/** What one job came to in one run. */
export interface Observation {
  readonly number: number
  /** Such as `done` or `failed: TypeError: no mailbox`. */
  readonly outcome: string
  /** What it answered, as canonical text, cut. */
  readonly text: string
  /** Hash of the whole text. */
  readonly digest: string
  /** What of the process it changed, such as `process.env.TZ`. Names, never values. */
  readonly changes: readonly string[]
}

/** What two observations must agree in to be the same. */
export function keyOf({ outcome, digest }: Observation): string {
  return `${digest} ${outcome}`
}
