import { IsobarError } from '@isobar/core'

/** Longest a command of a connection of our own may take, in ms. */
const COMMAND_TIMEOUT_MS = 5_000

/** Waits between attempts to connect anew: they grow by the first figure up to the second, in ms. */
const RECONNECT_MS = { step: 100, max: 2_000 }

/** Commands that are carried out as one. */
export interface WatchTransaction {
  hset(key: string, fields: Record<string, string | number>): unknown
  hdel(key: string, ...fields: string[]): unknown
  pexpire(key: string, ms: number): unknown
  eval(script: string, keys: number, ...rest: (string | number)[]): unknown
  exec(): Promise<[error: Error | null, result: unknown][] | null>
}

/** What watching jobs needs of a Redis client. That of ioredis is one. */
export interface WatchClient {
  multi(): WatchTransaction
  hgetall(key: string): Promise<Record<string, string>>
}

/** A connection of our own. */
export interface OwnedClient {
  readonly client: WatchClient
  /** Resolves when the first attempt to connect has ended, well or not. */
  readonly tried: Promise<void>
  end(): void
}

/**
 * Connects with ioredis. Commands fail at once while there is no connection, which it goes on trying for by itself.
 * @throws {IsobarError} `DRIVER_MISSING` when ioredis is not installed.
 */
export async function connectWatchClient(url: string): Promise<OwnedClient> {
  const { Redis } = await import('ioredis').catch((cause: unknown) => {
    throw new IsobarError('DRIVER_MISSING', 'ioredis could not be loaded; install it: npm install ioredis', { cause })
  })
  const client = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(times * RECONNECT_MS.step, RECONNECT_MS.max),
  })
  // Commands fail with what is wrong; without a listener ioredis would write it to the console as well.
  client.on('error', () => {})
  return { client, tried: client.connect().catch(() => {}), end: () => client.disconnect() }
}
