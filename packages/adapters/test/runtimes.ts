import { readlinkSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findRuntime } from '../../leak-harness/src/runtimes/find-runtime.ts'

/** The runtimes that workers run on. */
export const RUNTIMES = ['node', 'deno', 'bun'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

/** How a file is run in a runtime. */
export interface RuntimeCommand {
  /** The program itself, never a script that starts it: that would take the signals meant for it. */
  readonly program: string
  /** What comes before the flags of a caller, and the file. */
  readonly flags: readonly string[]
  /** What comes on top of this process's environment. */
  readonly env: Readonly<Record<string, string>>
  /** For the isolates of a worker, which are told the flags of their supervisor in all runtimes but Deno. */
  readonly isolateFlags: readonly string[]
}

/** The packages of this workspace are where its package manager has put them. */
const DENO_FLAGS = ['--node-modules-dir=manual', '--no-lock']

const here = fileURLToPath(new URL('.', import.meta.url))

const COMMANDS: Readonly<Record<RuntimeName, () => RuntimeCommand>> = {
  node: () => ({ program: process.execPath, flags: [], env: {}, isolateFlags: [] }),
  deno: () => ({
    program: findRuntime('deno', here),
    flags: ['run', '--allow-all', ...DENO_FLAGS],
    // Beside a workspace of another package manager, it would write its own into package.json.
    env: { DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' },
    isolateFlags: DENO_FLAGS,
  }),
  bun: () => ({ program: findRuntime('bun', here), flags: [], env: {}, isolateFlags: [] }),
}

/**
 * How a runtime runs a file.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` when it is not installed.
 */
export function toRuntimeCommand(runtime: RuntimeName): RuntimeCommand {
  return COMMANDS[runtime]()
}

/** The program that a process runs, as the kernel has it. */
export function programOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/exe`)
}

/** The program of a runtime, as the kernel has it. */
export function programNamed(runtime: RuntimeName): string {
  return realpathSync(toRuntimeCommand(runtime).program)
}
