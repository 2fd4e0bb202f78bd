import { OptionError } from '@isobar/core'
import type { WorkerHealth } from '@isobar/core/worker'
import type { HttpServer } from './platform/platform.ts'
import { platform } from './platform/this-platform.ts'

/** Where a worker answers whether it lives and whether it is ready: a port, or a port and a host. */
export type HealthAddress = number | { readonly port: number; readonly hostname?: string }

/** All interfaces: it is asked from outside of its container. */
const ANY_HOST = '0.0.0.0'

const MAX_PORT = 65_535

/**
 * Answers `/healthz` (200 while the process does) and `/readyz` (200 while the worker takes jobs and is healthy, else 503),
 * each with the worker's state as JSON.
 * @throws {OptionError} when the port is none.
 * @throws where the address cannot be listened on.
 */
export async function serveHealth(address: HealthAddress, health: () => WorkerHealth | undefined): Promise<HttpServer> {
  const { port, hostname = ANY_HOST } = typeof address === 'number' ? { port: address } : address
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new OptionError(`health ${port} is no port; give a whole number up to ${MAX_PORT}, or 0 for any that is free`)
  return await platform.serveHttp({ port, hostname }, (request) => answerHealth(request, health()))
}

/** Undefined health: the worker is being started. */
export function answerHealth({ method, url }: Request, health: WorkerHealth | undefined): Response {
  const { pathname } = new URL(url)
  if (pathname !== '/healthz' && pathname !== '/readyz') return answer(404, 'there are /healthz and /readyz')
  if (method !== 'GET' && method !== 'HEAD') return answer(405, 'ask with GET', { allow: 'GET, HEAD' })
  const ready = health?.state === 'running' && health.healthy
  const { id, state = 'starting', healthy = true } = health ?? {}
  return answer(pathname === '/healthz' || ready ? 200 : 503, { id, state, healthy })
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
