import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../src/node.ts', import.meta.url))

/** How a demo ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

/** A demo in a process of its own. Disposing kills it. */
export interface DemoProcess extends AsyncDisposable {
  readonly ended: Promise<Ended>
  /** Resolves when it has written something to standard output; rejects when it ends first. */
  until(pattern: RegExp): Promise<void>
  /** The same, and answers what was found. */
  match(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
}

/** Starts a demo as a user would, on Node. */
export function startDemoProcess(...args: readonly string[]): DemoProcess {
  return startProcess(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT, ...args])
}

/** Starts a program, a demo on any runtime. */
export function startProcess(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): DemoProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const text = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    text.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.err += chunk
  })
  const ended = endOf(child).then((end) => ({ ...end, ...text }))
  const match = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (let isOver = false; ; ) {
      const found = pattern.exec(text.out)
      if (found) return found
      if (isOver) throw new Error(`ended without ${pattern}: ${text.out}${text.err}`)
      isOver = await Promise.race([once(child.stdout, 'data').then(() => false), ended.then(() => true)])
    }
  }
  return {
    ended,
    match,
    until: async (pattern) => void (await match(pattern)),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function endOf(child: ChildProcess): Promise<Pick<Ended, 'code' | 'signal'>> {
  const [code, signal] = await once(child, 'close')
  return { code, signal }
}
