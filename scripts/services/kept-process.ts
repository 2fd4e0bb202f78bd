import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ServiceError } from './service-error.ts'

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url))

/** A user of the system that a program runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** What a keeper is told when it starts. */
export interface KeeperOptions {
  /** Part of the folder's name. */
  readonly kind: string
  /** Owns the folder and runs the programs. Default: whoever we are. */
  readonly account?: Account
  /** What ends the server when we are gone. */
  readonly endSignal: NodeJS.Signals
}

/** A program to run in the kept folder. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly argv0?: string
  readonly env?: Readonly<Record<string, string>>
  /** What it writes once it can be used; of a server only. */
  readonly ready?: string
}

/** What a keeper is asked: a program that ends, a server, or the end of that. */
export type Request = { readonly run: Program } | { readonly start: Program } | { readonly stop: NodeJS.Signals }

/** What a keeper answers: its folder, first; then one answer a request. */
export interface Answer {
  readonly folder?: string
  readonly pid?: number
  readonly error?: string
}

/** A server that ends when we do, however we end, and its folder, which goes with it. */
export interface KeptProcess extends AsyncDisposable {
  readonly folder: string
  /** Asks for one thing and waits for it. @throws {ServiceError} when it fails. */
  ask(request: Request): Promise<Answer>
}

/**
 * Makes a folder in the system's place for temporary files, and a keeper that starts a server in it.
 * @throws {ServiceError}
 */
export async function keep(options: KeeperOptions): Promise<KeptProcess> {
  const keeper = fork(KEEPER, [JSON.stringify(options)], {
    detached: true,
    // Not those of a test runner.
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let last = next(keeper)
  const { folder = '' } = await last
  return {
    folder,
    ask(request) {
      last = last
        .catch(() => {})
        .then(() => {
          const answer = next(keeper)
          keeper.send(request, () => {})
          return answer
        })
      return last
    },
    async [Symbol.asyncDispose]() {
      if (keeper.exitCode !== null || keeper.signalCode !== null) return
      const exit = once(keeper, 'exit')
      if (keeper.connected) keeper.disconnect()
      await exit
    },
  }
}

function next(keeper: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      keeper.off('message', told)
      keeper.off('error', gone)
      keeper.off('exit', gone)
    }
    const told = (answer: Answer): void => {
      settle()
      if (answer.error === undefined) resolve(answer)
      else reject(new ServiceError(answer.error, 'see what it says, or name a running server in the environment'))
    }
    const gone = (cause: unknown): void => {
      settle()
      reject(new ServiceError('the keeper of a server ended', 'see what it says on stderr', { cause }))
    }
    keeper.on('message', told)
    keeper.on('error', gone)
    keeper.on('exit', gone)
    if (!keeper.connected && keeper.exitCode !== null) gone(undefined)
  })
}
