import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** How long a process may take, in ms. */
export const MAX_CHILD_MS = 300_000

/** What a module is started with. */
export interface ChildOptions {
  /** Flags of the runtime. */
  readonly flags?: readonly string[]
  /** Arguments of the module. */
  readonly args?: readonly string[]
  /** Ends the process. */
  readonly signal: AbortSignal
}

/**
 * Runs a module in a process of its own and answers with what it printed, which is one JSON value.
 * @throws when it fails, prints something else, is aborted, or takes more than five minutes.
 */
export async function runChild<Result>(module: URL, { flags = [], args = [], signal }: ChildOptions): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, fileURLToPath(module), ...args], {
    signal,
    timeout: MAX_CHILD_MS,
    killSignal: 'SIGKILL',
  })
  return JSON.parse(stdout) as Result
}
