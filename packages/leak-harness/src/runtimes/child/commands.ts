import type { BleedJob } from '../../bleed/observation.ts'
import type { HarnessErrorCode } from '../../errors.ts'
import type { ModuleSettings } from '../../replay/contract.ts'
import type { DebugRequest } from '../debug.ts'
import type { ObserveOptions, RunOptions } from '../driver.ts'

/**
 * Environment variable that says which descriptors are the harness' own in the process under test, one JSON text a line:
 * `3` for both ways, or `0,1,MARK` for one each, where what the module prints goes through the second, too. A line of the
 * harness' begins with the mark then.
 */
export const CHANNEL_VARIABLE = 'LEAK_HARNESS_CHANNEL'

/** What the parent asks for, one at a time; each but `end` gets one `answer` or `failed`. */
export type Command =
  | {
      readonly do: 'load'
      readonly module: string
      readonly trace: string | undefined
      readonly only: string | undefined
      readonly countDistinct: boolean
    }
  | { readonly do: 'run'; readonly jobs: number; readonly options: RunOptions }
  | { readonly do: 'read' }
  | { readonly do: 'census' }
  /** Writes a heap snapshot to a file. */
  | { readonly do: 'snapshot'; readonly file: string }
  | { readonly do: 'identify'; readonly serials: readonly number[] }
  | { readonly do: 'idle'; readonly ms: number }
  | { readonly do: 'outcomes' }
  /** Makes jobs for the bleed check. */
  | { readonly do: 'choose'; readonly scan: number; readonly limit: number }
  /** Does them one by one, and answers with what each came to. */
  | { readonly do: 'observe'; readonly jobs: readonly BleedJob[]; readonly options: ObserveOptions }
  | { readonly do: 'end' }

/** What the process under test says. */
export type Message =
  | { readonly say: 'answer'; readonly value: unknown }
  | { readonly say: 'failed'; readonly code: HarnessErrorCode; readonly message: string }
  /** The debugger is to do something. It answers through the exchange, not over the channel. */
  | { readonly say: 'debug'; readonly request: DebugRequest }
  /** Jobs go on. */
  | { readonly say: 'progress'; readonly jobs: number }
  /** The process is about to end, with this many jobs done. */
  | { readonly say: 'exit'; readonly jobs: number }

/** Answer to `load`. */
export interface Loaded {
  readonly version: string
  readonly settings: ModuleSettings
}
