import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerHook } from '../hook-mark.ts'
import type { HttpAnswer } from '../http-client.ts'

/** Most bytes of a message that are read. */
const MAX_BYTES = 128 * 1024

/** What is answered in an outage. */
const UNAVAILABLE: HttpAnswer = { status: 503 }

/** Customers' servers, on loopback. */
export interface HookSink extends AsyncDisposable {
  readonly port: number
  /** Messages that were taken so far. */
  readonly taken: { readonly messages: number }
  /** Ends the server and its connections. Can be called twice. */
  close(): Promise<void>
}

/**
 * Starts a server on a free port that answers as the endpoints' URLs are marked (`hook-mark.ts`), and keeps nothing. While
 * there is an outage it is unavailable.
 */
export async function startHookSink(outage: { readonly isOn: boolean } = { isOn: false }): Promise<HookSink> {
  const taken = { messages: 0 }
  const server = createServer((request, response) => {
    answer(request).then(
      (answered) => {
        const { status, retryAfter } = outage.isOn ? UNAVAILABLE : answered
        if (status < 300) taken.messages++
        response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end()
      },
      () => response.writeHead(400).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
    return closing
  }
  return { port, taken, close, [Symbol.asyncDispose]: close }
}

async function answer(request: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) return { status: 413 }
    chunks.push(chunk)
  }
  const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return answerHook({ url: request.url ?? '/', headers, body: Buffer.concat(chunks).toString('utf8') }, Date.now())
}
