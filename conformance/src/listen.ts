import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Answers requests, as web servers have it. */
export type Fetch = (request: Request) => Response | Promise<Response>

/** A server on a port of its own. */
export interface Listening extends AsyncDisposable {
  readonly origin: string
}

/** The servers that Deno and Bun bring along. */
interface Globals {
  readonly Deno?: {
    serve(
      options: { readonly port: number; readonly hostname: string; readonly onListen: () => void },
      fetch: Fetch,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> }
  }
  readonly Bun?: {
    serve(options: { readonly port: number; readonly hostname: string; readonly fetch: Fetch }): {
      readonly port: number
      stop(abort: boolean): Promise<void>
    }
  }
}

const HOSTNAME = '127.0.0.1'

/** Serves on a port that is free, with the server of the runtime that this is. */
export async function listen(fetch: Fetch): Promise<Listening> {
  const { Deno, Bun } = globalThis as Globals
  const place = { port: 0, hostname: HOSTNAME }
  if (Deno) {
    const server = Deno.serve({ ...place, onListen() {} }, fetch)
    return { origin: toOrigin(server.addr.port), [Symbol.asyncDispose]: () => server.shutdown() }
  }
  if (Bun) {
    const server = Bun.serve({ ...place, fetch })
    return { origin: toOrigin(server.port), [Symbol.asyncDispose]: () => server.stop(true) }
  }
  const server = createServer((request, response) => void answer(fetch, request, response))
  await new Promise<void>((resolve) => server.listen(place.port, place.hostname, resolve))
  return {
    origin: toOrigin((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function toOrigin(port: number): string {
  return `http://${HOSTNAME}:${port}`
}

async function answer(fetch: Fetch, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', headers } = incoming
  const parts: Uint8Array[] = []
  for await (const part of incoming) parts.push(part)
  const init = {
    method,
    headers: headers as Record<string, string>,
    ...(parts.length > 0 && { body: Buffer.concat(parts) }),
  }
  const { status, headers: answered, body } = await fetch(new Request(`http://${headers.host}${incoming.url}`, init))
  response.writeHead(status, Object.fromEntries(answered))
  // Who hangs up ends the stream that is read here.
  if (body) await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response).catch(() => {})
  else response.end()
}
