import type { Outcomes } from './outcomes.ts'

/** A runtime that the app runs on. */
export type RuntimeName = 'node' | 'deno' | 'bun' | 'workerd'

/** Who a runtime is, by what it alone has. */
export interface Identity {
  readonly runtime: RuntimeName
  /** Absent: it tells none. */
  readonly version?: string
  /** What no other runtime answers. */
  readonly proof: string
}

/** What a run on one runtime comes to. */
export interface Report {
  readonly identity: Identity
  readonly outcomes: Outcomes
}
