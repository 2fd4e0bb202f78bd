import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type RuntimeName, toRuntimeCommand } from './runtimes.ts'

/** A worker in a process of its own. Disposing kills it. */
export interface WorkerProcess extends AsyncDisposable {
  readonly pid: number
  /** What it has said on stdout so far. */
  readonly lines: readonly string[]
  /** What it has said on stderr so far. */
  readonly errors: string
  /** Resolves with its first line that begins so, past or to come; rejects when it ends without one. */
  said(start: string): Promise<string>
  /** Writes a line to its stdin. */
  tell(line: string): void
  kill(signal: NodeJS.Signals): void
  /** Sends a signal to it and to all that it has started, as a terminal does. It has to lead its group. */
  killGroup(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>
}

/** How a worker process is started. */
export interface LaunchOptions {
  /** As the leader of a process group. Default false. */
  readonly leads?: boolean
  /** Default `node`: the one that this is. */
  readonly runtime?: RuntimeName
  /** On top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a file of `test/fixtures` as a process, with flags for its runtime. */
export function launchWorker(
  fixture: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
  { leads = false, runtime = 'node', env = {} }: LaunchOptions = {},
): WorkerProcess {
  const file = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url))
  const command = toRuntimeCommand(runtime)
  const child = spawn(command.program, [...command.flags, ...execArgv, file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: leads,
    env: { ...process.env, ...command.env, ...env },
  })
  const lines: string[] = []
  const waiting = new Set<{ start: string; resolve: (line: string) => void; reject: (error: Error) => void }>()
  let errors = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const one of waiting) {
      if (!line.startsWith(one.start)) continue
      waiting.delete(one)
      one.resolve(line)
    }
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  // It may be killed while it is told something.
  child.stdin.on('error', () => {})
  const exit = once(child, 'close').then(([code, signal]) => {
    for (const { start, reject } of waiting) reject(new Error(`${fixture} ended without saying "${start}": ${errors}`))
    waiting.clear()
    return code ?? signal
  })
  return {
    pid: child.pid ?? 0,
    lines,
    get errors() {
      return errors
    },
    said(start) {
      const line = lines.find((line) => line.startsWith(start))
      if (line !== undefined) return Promise.resolve(line)
      return new Promise((resolve, reject) => waiting.add({ start, resolve, reject }))
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: (signal) => void child.kill(signal),
    killGroup(signal) {
      if (!leads) throw new Error(`${fixture} does not lead its group`)
      if (child.pid) process.kill(-child.pid, signal)
    },
    exit,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exit
    },
  }
}
