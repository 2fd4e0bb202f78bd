import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { IsobarError } from '@isobar/core'
import type { Admin } from './admin.ts'
import { CALLS } from './api-calls.ts'
import { assertAllowed } from './api-guard.ts'
import { toParams } from './api-params.ts'
import { type Answer, ApiError, CALL_PATH, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES } from './api-wire.ts'

/** Connections at once. */
const MAX_CONNECTIONS = 64

/** How long a request may take to arrive, in ms. */
const REQUEST_MS = 30_000

/** How long an idle connection is kept, in ms. */
const KEEP_ALIVE_MS = 5_000

/** How long calls that run may go on when the server stops, in ms. */
const STOP_MS = 2_000

/** Characters of an error's message that go over the wire. */
const MAX_MESSAGE = 4_096

const STATUS: Readonly<Record<string, number>> = {
  API_FORBIDDEN: 403,
  API_UNAUTHORIZED: 401,
  API_CALL: 400,
  API_TOO_LARGE: 413,
}

/** Of errors that the engine answers with. */
const REFUSED = 422

/** Of errors that nobody expects. */
const FAILED = 500

/** A local API that is being served. Disposing lets calls that run go on for 2 s; twice is fine. */
export interface ServedApi extends AsyncDisposable {
  /** `http://127.0.0.1:40123` */
  readonly address: string
}

/** Options of `serveApi`. */
export interface ServeApiOptions {
  /** What callers have to show: the folder lock's. */
  readonly token: string
}

/**
 * Serves an engine to other programs of this machine: on 127.0.0.1, at a port that the system chooses. Whoever has the
 * token can do all that `Admin` can; web pages, and programs without it, nothing. Requests have at most 8 MB, and 30 s
 * to arrive. Neither the server nor its connections keep the process alive.
 */
export async function serveApi(admin: Admin, { token }: ServeApiOptions): Promise<ServedApi> {
  const running = new Set<Promise<void>>()
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      const call = respond(admin, token, request, response).finally(() => running.delete(call))
      running.add(call)
    },
  )
  server.maxConnections = MAX_CONNECTIONS
  server.unref()
  server.on('connection', (socket: Socket) => socket.unref())
  await listen(server)
  const { address, port } = server.address() as AddressInfo
  let stopped: Promise<void> | undefined
  return {
    address: `http://${address}:${port}`,
    [Symbol.asyncDispose]() {
      stopped ??= stop(server, running)
      return stopped
    },
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // Exclusive: in a cluster the primary would else listen, and hand calls to any of its workers.
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      server.off('error', reject)
      // What fails from now on is an accept, which is that caller's.
      server.on('error', () => {})
      resolve()
    })
  })
}

async function stop(server: Server, running: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, STOP_MS)
  })
  await Promise.race([Promise.allSettled(running), late])
  clearTimeout(timer)
  server.closeAllConnections()
  await closed
}

/** Answers one request. Never rejects. */
async function respond(admin: Admin, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let status = 200
  let answer: Answer
  try {
    answer = { result: await perform(admin, token, request) }
  } catch (error) {
    ;({ status, answer } = toFailure(error))
  }
  let body = toBody(answer)
  if (body === undefined) {
    status = STATUS['API_TOO_LARGE'] as number
    const message = `the answer has more than ${MAX_ANSWER_BYTES} bytes; ask for less at once`
    body = JSON.stringify({ error: { code: 'API_TOO_LARGE', message } } satisfies Answer)
  }
  response.on('error', () => {})
  // What was not read of a refused request is not read later either.
  const close = request.complete ? {} : { connection: 'close' }
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...close,
  })
  response.end(body)
}

async function perform(admin: Admin, token: string, request: IncomingMessage): Promise<unknown> {
  assertAllowed(request, token)
  const { method, url = '' } = request
  const call = url.startsWith(CALL_PATH) ? CALLS.get(url.slice(CALL_PATH.length)) : undefined
  if (method !== 'POST' || !call) {
    throw new ApiError(
      'API_CALL',
      `there is no call ${method} ${url.slice(0, 100)}; is the caller of the same version?`,
    )
  }
  return call(admin, toParams(await readBody(request)))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = (): ApiError =>
    new ApiError('API_TOO_LARGE', `the call has more than ${MAX_REQUEST_BYTES} bytes; send less at once`)
  if (Number(request.headers['content-length']) > MAX_REQUEST_BYTES) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += (chunk as Buffer).length
    if (bytes > MAX_REQUEST_BYTES) throw tooLarge()
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function toFailure(error: unknown): { status: number; answer: Answer } {
  const known = error instanceof IsobarError
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE)
  const code = known ? error.code : 'API_INTERNAL'
  return { status: known ? (STATUS[code] ?? REFUSED) : FAILED, answer: { error: { code, message } } }
}

/** An answer as JSON; undefined when it is over the limit. */
function toBody(answer: Answer): string | undefined {
  let body: string
  try {
    body = JSON.stringify(answer)
  } catch {
    // Longer than a string may be.
    return undefined
  }
  return body.length <= MAX_ANSWER_BYTES && Buffer.byteLength(body) <= MAX_ANSWER_BYTES ? body : undefined
}
