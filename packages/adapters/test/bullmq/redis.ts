import { Redis } from 'ioredis'
import { findFreePort } from '../../../../scripts/services/free-port.ts'
import { keep } from '../../../../scripts/services/kept-process.ts'
import { findRedisProgram } from '../../../../scripts/services/redis-server.ts'

/** A Redis server of a test's own that keeps its data on disk, as one that runs BullMQ should. Disposing ends it. */
export interface DurableRedis extends AsyncDisposable {
  /** The same after each start. */
  readonly url: string
  readonly pid: number | undefined
  /** Starts it again on the data it had. */
  start(): Promise<void>
  /** `crash`: kill -9. `stop`: it closes its connections and writes all there is. */
  stop(mode: 'crash' | 'stop'): Promise<void>
  /** One command, on a connection of its own. */
  command(name: string, ...args: readonly (string | number)[]): Promise<unknown>
}

/** How a server is started. */
export interface DurableRedisOptions {
  /** `always`: nothing that was answered is lost in a crash. Default `always`. */
  readonly fsync?: 'always' | 'everysec'
}

/** Starts a Redis server with an append-only file on a free port of 127.0.0.1. It ends with this process. */
export async function startDurableRedis({ fsync = 'always' }: DurableRedisOptions = {}): Promise<DurableRedis> {
  const program = await findRedisProgram()
  const port = await findFreePort()
  const kept = await keep({ kind: 'durable-redis', endSignal: 'SIGKILL' })
  const options = {
    port: String(port),
    bind: '127.0.0.1',
    save: '',
    appendonly: 'yes',
    appendfsync: fsync,
    dir: kept.folder,
    // A failover is to be over before a test is.
    'repl-diskless-sync-delay': '0',
    'enable-debug-command': 'yes',
  }
  const start = {
    command: program,
    argv0: 'redis-server',
    args: Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ready: 'Ready to accept connections',
  }
  const url = `redis://127.0.0.1:${port}`
  try {
    let { pid } = await kept.ask({ start })
    return {
      url,
      get pid() {
        return pid
      },
      async start() {
        pid ??= (await kept.ask({ start })).pid
      },
      async stop(mode) {
        await kept.ask({ stop: mode === 'crash' ? 'SIGKILL' : 'SIGTERM' })
        pid = undefined
      },
      command: (name, ...args) => command(url, name, ...args),
      async [Symbol.asyncDispose]() {
        await kept[Symbol.asyncDispose]()
        pid = undefined
      },
    }
  } catch (error) {
    await kept[Symbol.asyncDispose]()
    throw error
  }
}

/** One command, on a connection of its own. */
export async function command(url: string, name: string, ...args: readonly (string | number)[]): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null })
  // What goes wrong is told by the call that it fails.
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}

/** Removes all keys of a prefix. */
export async function removeKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url)
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 }))
      if (keys.length > 0) await client.unlink(keys)
  } finally {
    await client.quit()
  }
}
