import type { BleedJob } from '../../bleed/observation.ts'
import type { HarnessErrorCode } from '../../errors.ts'
import type { ModuleSettings } from '../../replay/contract.ts'
import type { ObserveOptions, RunOptions } from '../driver.ts'

/** File descriptor of the harness' own channel in the process under test: one JSON text a line, both ways. */
export const CHANNEL_FD = 3

/** File descriptor that the parent holds open for as long as it lives. Nothing is ever written to it. */
export const LIFELINE_FD = 4

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
  /** Jobs go on. */
  | { readonly say: 'progress'; readonly jobs: number }
  /** The process is about to end, with this many jobs done. */
  | { readonly say: 'exit'; readonly jobs: number }

/** Answer to `load`. */
export interface Loaded {
  readonly version: string
  readonly settings: ModuleSettings
}
