import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { HarnessReport, RunReport } from '../src/result.ts'

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

/** Absolute path of a file in `fixtures`. */
export const fixture = (file: string): string => fileURLToPath(new URL(`fixtures/${file}`, import.meta.url))

/** Types are stripped once, and not by each of a hundred processes: a user's are stripped when the package is built. */
const COMPILE_CACHE = join(tmpdir(), 'leak-harness-test-compile-cache')

/** What a call of the command line came to. */
export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** How long a test of the command line may take, in ms: far more than it needs, as nothing here is about time. */
export const CLI_TIMEOUT_MS = 240_000

/** How a call of the command line is started. */
export interface CliOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

const running = new Set<ChildProcess>()
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts the command line, as a user would. It is killed when the tests of the file end before it does. */
export function startCli(
  args: readonly string[],
  options: CliOptions = {},
): ChildProcessByStdio<null, Readable, Readable> {
  const { INIT_CWD: _, ...env } = process.env
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: options.cwd,
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...env, ...options.env },
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** Calls that run at once: each has a process that is busy throughout, and one that is for a part of it. */
const MAX_CALLS = 2

/** Calls the command line and waits for its end; when others do, for its turn first. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return inTurn(() => call(args, options))
}

/** Does something that starts processes, when it is its turn. */
export const inTurn: InTurn = takeTurns(MAX_CALLS)

/** Does some work when it is its turn. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** Lets so many do their work at once. */
export function takeTurns(most: number): InTurn {
  let calls = 0
  const waiting: (() => void)[] = []
  return async (work) => {
    if (calls < most) calls++
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else calls--
    }
  }
}

async function call(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = startCli(args, options)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout, stderr }
}

/** Judges a fixture through the command line, with a short run, and reads its JSON report. */
export async function judge(
  file: string,
  ...args: string[]
): Promise<CliResult & { report: HarnessReport; run: RunReport }> {
  const result = await cli(['run', fixture(file), '--jobs', '2000', '--warmup', '500', '--reporter', 'json', ...args])
  const report = JSON.parse(result.stdout) as HarnessReport
  return { ...result, report, run: report.runs[0] as RunReport }
}
