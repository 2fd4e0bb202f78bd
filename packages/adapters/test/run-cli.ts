import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { runCli as runHere } from '../src/cli/cli.ts'

/** The command `isobar`. */
export const CLI: string = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** What a run of the command ended with. */
export interface CliRun {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  readonly node?: readonly string[]
}

/** An environment that says nothing of where jobs are. */
export function cleanEnv(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { DATABASE_URL, ISOBAR_FOLDER, REDIS_URL, ISOBAR_DEBUG, INIT_CWD, ...rest } = process.env
  return { ...rest, ...env }
}

/** Runs the command in a process of its own, as a user does. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const child = spawn(process.execPath, [...(options.node ?? []), CLI, ...args], {
    env: cleanEnv(options.env),
    stdio: 'pipe',
    ...(options.cwd && { cwd: options.cwd }),
  })
  // A command that does not read its input closes it.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input)
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code: code as number | null, out, err }
}

/** A worker that the command runs. */
export interface CliWorker {
  readonly pid: number
  /** What it said when it was ready. */
  readonly said: string
  /** Sends it a signal and answers how it ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>
}

/** Starts `isobar worker` in a process of its own and waits until it takes jobs; rejects when it ends instead. */
export async function startCliWorker(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CliWorker> {
  const child = spawn(process.execPath, [CLI, 'worker', ...args], {
    env: cleanEnv(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      said += chunk
      if (said.includes('takes jobs of')) resolve()
    })
    ended.then((code) => reject(new Error(`the worker ended with ${code}: ${said}`)))
  })
  return {
    pid: child.pid as number,
    said,
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}

/** Runs the command in this process, which is quicker. `ask` answers questions as somebody at a terminal does. */
export async function runCliHere(
  args: readonly string[],
  { env = {}, input = '', cwd = '/', ask }: CliOptions & { readonly ask?: (question: string) => string } = {},
): Promise<CliRun> {
  let out = ''
  let err = ''
  const code = await runHere(args, {
    env,
    cwd,
    columns: undefined,
    now: Date.now,
    out(text) {
      out += text
    },
    tell(line) {
      err += `${line}\n`
    },
    readInput: async (max) => (Buffer.byteLength(input) > max ? undefined : String(input)),
    ask: ask && (async (question) => ask(question)),
  })
  return { code: code ?? null, out, err }
}
