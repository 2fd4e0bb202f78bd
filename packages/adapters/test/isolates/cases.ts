import type { RuntimeName } from '../runtimes.ts'

/** Something that supervisors and isolates have to do on each runtime. */
export interface IsolateCase {
  readonly name: string
  run(runtime: RuntimeName): Promise<void>
}

/** Resolves after so many ms, for what can only be looked at. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
