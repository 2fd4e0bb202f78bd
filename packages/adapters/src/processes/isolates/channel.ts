import type { HookName } from '@isobar/core'

/** The descriptor on which an isolate says lines. Nothing else may write to it. */
export const OUT_FD = 3

/** The descriptor on which an isolate takes frames. */
export const IN_FD = 4

/** The hooks of an isolate that its supervisor can hear of. */
export type HeardHook = Extract<HookName, 'log' | 'progress' | 'scopeError'>

/** The descriptor of the journal in an isolate. */
export const JOURNAL_FD = 5

/** The first frame's body, as JSON. */
export interface Init {
  /** The URL of the module that exports the app. */
  readonly module: string
  /** For providers; absent: the isolate's environment variables. */
  readonly env?: unknown
  /** What it may take, in bytes. */
  readonly limit: number
  /** Jobs at once. */
  readonly concurrency: number
  readonly hooks: readonly HeardHook[]
}
