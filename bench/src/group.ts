/** A figure that was measured in several rounds: shown, not judged. */
export interface Row {
  /** What it is, in words. */
  readonly name: string
  /** `us`, `bytes` … */
  readonly unit: string
  /** One value a round. Their median is shown. */
  readonly rounds: readonly number[]
}

/** A figure that has something to reach. */
export interface Target {
  /** The target's number: `P1`. */
  readonly id: string
  /** One word with its unit, for scripts: `app-run-overhead-us`. */
  readonly name: string
  /** Whether the median has to be at most, or at least, the limit. */
  readonly is: '<=' | '>='
  readonly limit: number
  /** One value a round. Their median is compared. */
  readonly rounds: readonly number[]
}

/** What a group of benchmarks works with. */
export interface GroupContext {
  /** Shows a figure. */
  readonly row: (row: Row) => void
  /** Adds a figure with its target; their lines end the group. */
  readonly target: (target: Target) => void
  /** How often everything is measured, where the command line says so. */
  readonly rounds?: number
  /** Aborts when the run is interrupted: a group ends its processes and connections then. */
  readonly signal: AbortSignal
}

/** Benchmarks that belong together: one file in `groups/`, listed in `groups.ts`. */
export interface Group {
  /** As it is named on the command line. */
  readonly name: string
  /** The targets it measures (`P1`), by which it can be named too. */
  readonly targets: readonly string[]
  readonly run: (context: GroupContext) => Promise<void>
}
