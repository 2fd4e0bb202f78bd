import type { BleedJob } from '../../../bleed/observation.ts'
import type { HarnessErrorCode } from '../../../errors.ts'
import type { TraceText } from '../../../replay/host.ts'
import type { ObserveOptions } from '../../driver.ts'

/** Name of the bundle of the module under test, beside the harness' own. */
export const MODULE_NAME = 'module-under-test.js'

/** What the harness asks of its Worker, one request each. */
export type WorkerCommand =
  | {
      readonly do: 'load'
      /** Path of the module, for messages. */
      readonly module: string
      readonly trace: TraceText | undefined
      readonly only: string | undefined
      readonly countDistinct: boolean
    }
  /** Replays so many jobs in one request, fewer once `maxMs` have passed. */
  | { readonly do: 'run'; readonly jobs: number; readonly concurrency: number; readonly maxMs: number }
  /** Nothing: finalizers run. */
  | { readonly do: 'turn' }
  | { readonly do: 'outcomes' }
  | { readonly do: 'choose'; readonly scan: number; readonly limit: number }
  | { readonly do: 'observe'; readonly jobs: readonly BleedJob[]; readonly options: ObserveOptions }
  | { readonly do: 'end' }

/** What it answers. */
export type WorkerAnswer =
  | { readonly say: 'answer'; readonly value?: unknown }
  | { readonly say: 'failed'; readonly code: HarnessErrorCode; readonly message: string }

/** A message, as it goes to the dispatcher. */
export interface DispatchedMessage {
  readonly id: string
  readonly body: unknown
  readonly contentType: ContentType
  readonly attempts: number
}

/** How a queue carries a body; bytes are base64 in a trace. */
export type ContentType = 'json' | 'text' | 'bytes' | 'v8'

/** What the harness asks of the Worker that hands batches over, one request each. */
export type DispatchCommand =
  /** Answers with what became of each batch; those that were not begun within `maxMs` are left out. */
  | {
      readonly do: 'dispatch'
      readonly queue: string
      readonly batches: readonly (readonly DispatchedMessage[])[]
      readonly concurrency: number
      readonly maxMs: number
    }
  /** An event of the Worker under test. */
  | { readonly do: 'turn' }
