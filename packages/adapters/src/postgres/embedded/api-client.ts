import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import {
  type Enqueued,
  type JobSpec,
  type JobStatus,
  OptionError,
  type QueueStats,
  UnsupportedError,
} from '@isobar/core'
import type { Admin, Introduction } from './admin.ts'
import { type Answer, ApiError, CALL_PATH, fromWire, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES } from './api-wire.ts'

/** How long a call may take by default, in ms: putting back a queue of dead letters is one call. */
export const DEFAULT_CALL_MS = 120_000

/** How long an engine may take to introduce itself, in ms, where calls may take longer. */
const PING_MS = 30_000

/** Connections to one engine. */
const MAX_SOCKETS = 4

/** An engine that another process of this machine has open. Disposing ends the connections, and nothing of the engine. */
export interface EngineConnection extends Admin, AsyncDisposable {
  /** Of the process that has the engine open. */
  readonly pid: number
  /** Of the package in that process. */
  readonly version: string
}

/** Options of `connectApi`. */
export interface ConnectApiOptions {
  /** How long a call may take, in ms. Default 120,000. */
  readonly timeoutMs?: number
}

type Call = (name: string, params?: object, mostMs?: number) => Promise<unknown>

/**
 * Connects to an engine's local API.
 * @throws {ApiError} when it does not answer, or does not take the token.
 * @throws {OptionError} for an address that is not of this machine.
 */
export async function connectApi(
  address: string,
  token: string,
  { timeoutMs = DEFAULT_CALL_MS }: ConnectApiOptions = {},
): Promise<EngineConnection> {
  const base = toLoopback(address)
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS })
  const call: Call = async (name, params = {}, mostMs = timeoutMs) => {
    const body = JSON.stringify(params)
    if (Buffer.byteLength(body) > MAX_REQUEST_BYTES) {
      throw new ApiError('API_TOO_LARGE', `call ${name} has more than ${MAX_REQUEST_BYTES} bytes; send less at once`)
    }
    const { result, error } = await post(new URL(CALL_PATH + name, base), body, {
      token,
      agent,
      timeoutMs: Math.min(mostMs, timeoutMs),
    })
    if (error) throw new ApiError(String(error.code), String(error.message))
    return result
  }
  try {
    return toAdmin(call, (await call('ping', {}, PING_MS)) as Introduction, agent)
  } catch (error) {
    agent.destroy()
    throw error
  }
}

function toAdmin(call: Call, { name, can, pid, version }: Introduction, agent: Agent): EngineConnection {
  return {
    name,
    can,
    pid,
    version,
    async send(specs: readonly JobSpec[], options) {
      if (options?.tx !== undefined) throw new UnsupportedError(name, 'enqueue in a transaction', 'leave tx out')
      return (await call('send', { specs })) as readonly Enqueued[]
    },
    get: async (id) => (await call('get', { id })) as JobStatus | undefined,
    cancel: async (id) => (await call('cancel', { id })) as boolean,
    queues: async () => (await call('queues')) as readonly string[],
    stats: async (queues) => (await call('stats', { queues })) as readonly QueueStats[],
    migrate: async () => (await call('migrate')) as Awaited<ReturnType<Admin['migrate']>>,
    async pause(queue) {
      await call('pause', { queue })
    },
    async resume(queue) {
      await call('resume', { queue })
    },
    deadLetters: {
      async list(options = {}) {
        const page = (await call('deadLetters.list', options)) as Awaited<ReturnType<Admin['deadLetters']['list']>>
        return { ...page, items: page.items.map(fromWire) }
      },
      redrive: async (which) => (await call('deadLetters.redrive', which)) as number,
      discard: async (which) => (await call('deadLetters.discard', which)) as number,
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}

/** The token goes nowhere but to this machine, whatever a lock file says. */
function toLoopback(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'http:' && url.hostname === '127.0.0.1') return url
  throw new OptionError(`${JSON.stringify(address)} is no address of a local API, such as http://127.0.0.1:40123`)
}

interface PostOptions {
  readonly token: string
  readonly agent: Agent
  readonly timeoutMs: number
}

async function post(url: URL, body: string, { token, agent, timeoutMs }: PostOptions): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const outgoing = request(url, { method: 'POST', agent, headers })
  // What fails while the answer is read is told by reading it.
  outgoing.on('error', () => {})
  let late: ApiError | undefined
  const timer = setTimeout(() => {
    const said = `the engine at ${url.origin} did not answer within ${timeoutMs} ms`
    late = new ApiError('API_TIMEOUT', `${said}; what it was asked may still be done`)
    outgoing.destroy()
  }, timeoutMs)
  try {
    const responded = once(outgoing, 'response') as Promise<[IncomingMessage]>
    outgoing.end(body)
    const [response] = await responded
    return await readAnswer(response)
  } catch (error) {
    throw late ?? (error instanceof ApiError ? error : toUnreachable(url, error as NodeJS.ErrnoException))
  } finally {
    clearTimeout(timer)
  }
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_ANSWER_BYTES)
      throw new ApiError('API_TOO_LARGE', 'the answer is over the limit; ask for less at once')
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer
  } catch (cause) {
    throw new ApiError(
      'API_UNREACHABLE',
      'what answers there is no engine of isobar; is the lock file of another time?',
      {
        cause,
      },
    )
  }
}

function toUnreachable(url: URL, cause: NodeJS.ErrnoException): ApiError {
  return new ApiError(
    'API_UNREACHABLE',
    `the engine at ${url.origin} cannot be reached (${cause.code ?? cause.message}); run this where its process runs, in the same container`,
    { cause },
  )
}
