import type { Redis, RedisOptions } from 'ioredis'
import { BrokerClosedError, DriverMissingError, isReply, RedisError } from './errors.ts'
import { Link } from './link.ts'
import type { BullmqSettings } from './options.ts'
import { type ScriptName, scriptOf } from './scripts.ts'

/** Between two tries to connect, in ms: doubled from the first to the second. */
const RECONNECT_MS = { first: 50, most: 1_000 } as const

/** Tries to connect after which the commands that wait for it fail. The next ones wait for the next tries. */
const TRIES = 2

/** What a value of a script may be. */
export type Value = string | number

/**
 * The way to Redis: one connection for commands, opened at the first of them, that comes back by itself. A command that
 * cannot be done in time fails; none is sent twice, since its first sending may have been done.
 */
export class Connection {
  readonly #target: string | RedisOptions
  readonly #settings: BullmqSettings
  #opening: Promise<Link> | undefined
  #problem: string | undefined
  #closing: Promise<void> | undefined

  constructor(target: string | RedisOptions, settings: BullmqSettings) {
    this.#target = target
    this.#settings = settings
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** @throws {BrokerClosedError} */
  assertOpen(action: string): void {
    if (this.#closing) throw new BrokerClosedError(this.#settings.name, action)
  }

  /** Runs a script. */
  run(action: string, name: ScriptName, keys: readonly string[], values: readonly Value[]): Promise<unknown> {
    return this.ask(action, async (client) => {
      const { text, sha } = scriptOf(name)
      const rest = [keys.length, ...keys, ...values]
      try {
        return await client.call('EVALSHA', [sha, ...rest])
      } catch (error) {
        if (!(isReply(error) && (error as Error).message.startsWith('NOSCRIPT'))) throw error
        return await client.call('EVAL', [text, ...rest])
      }
    })
  }

  /** Asks Redis something, and tells what fails with what was being done. */
  async ask<Answer>(action: string, ask: (client: Redis) => Promise<Answer>): Promise<Answer> {
    this.assertOpen(action)
    try {
      const link = await this.#open()
      return await link.ask(ask)
    } catch (error) {
      if (error instanceof DriverMissingError) throw error
      throw new RedisError(this.#settings.name, action, error, this.#problem)
    }
  }

  /** A connection of its own, for commands that block. Whoever opens it closes it. */
  openBlocking(): Promise<Link> {
    return this.#connect({ commandTimeout: undefined })
  }

  /** Ends the connection: at once when nothing is under way, else when it is through, or when it has had its time. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const link = await this.#opening?.catch(() => undefined)
    await link?.close(this.#settings.closeTimeoutMs)
  }

  #open(): Promise<Link> {
    this.#opening ??= this.#connect({ commandTimeout: this.#settings.commandTimeoutMs }).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #connect(over: Pick<RedisOptions, 'commandTimeout'>): Promise<Link> {
    const Client = await loadClient()
    const options: RedisOptions = {
      connectTimeout: this.#settings.commandTimeoutMs,
      keepAlive: 10_000,
      ...(typeof this.#target === 'string' ? {} : this.#target),
      ...over,
      lazyConnect: true,
      connectionName: 'isobar',
      maxRetriesPerRequest: TRIES,
      autoResendUnfulfilledCommands: false,
      enableAutoPipelining: false,
      retryStrategy: (times) => Math.min(RECONNECT_MS.first * 2 ** Math.min(times, 10), RECONNECT_MS.most),
      // After a failover the old primary refuses writes: the next command asks where the new one is.
      reconnectOnError: (error) => (error.message.includes('READONLY') ? 1 : false),
    }
    const client = typeof this.#target === 'string' ? new Client(this.#target, options) : new Client(options)
    client.on('error', (error: Error) => {
      this.#problem = error.message || (error as Error & { code?: string }).code || error.name
    })
    return new Link(client)
  }
}

async function loadClient(): Promise<typeof Redis> {
  try {
    return (await import('ioredis')).Redis
  } catch (error) {
    throw new DriverMissingError('ioredis', 'add it to your dependencies', { cause: error })
  }
}
