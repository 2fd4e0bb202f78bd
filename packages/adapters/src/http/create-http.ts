import { type Duration, toMs } from '@isobar/core'
import { Hono } from 'hono'
import { Access, type Authorize, assertMeant } from './access.ts'
import { DEFAULT_BROKER_TIMEOUT_MS, toAskBroker } from './ask-broker.ts'
import { answerLive, answerReady } from './health-answer.ts'
import { METRICS_TYPE } from './metrics/text.ts'
import type { Monitor } from './monitor.ts'
import { answerPage } from './page.ts'
import { readingRoutes } from './reading-routes.ts'
import { ANSWER_HEADERS, Refusal, toResponse } from './refusal.ts'
import { writingRoutes } from './writing-routes.ts'

/** Options of `createHttp`. */
export interface HttpOptions {
  /**
   * Says whether a request may read, write, or see payloads. Default: everybody who reaches it may read, and nobody may
   * write or see payloads. It is not asked for `/healthz` and `/readyz`. When it throws, the request may not.
   */
  readonly authorize?: Authorize
  /** Whether it has the dashboard. Default true. */
  readonly dashboard?: boolean
  /** How long the broker may take for what a request asks of it; then the answer is 504. Default 15 s. */
  readonly brokerTimeout?: Duration
  /** Told what failed behind an answer: the broker, or `authorize`. Default: to the console. */
  readonly onError?: (error: unknown) => void
}

/**
 * What a worker shows over HTTP, to mount on any runtime: `/healthz`, `/readyz`, `/metrics`, `/api/…` and the dashboard.
 *
 * @example
 * const http = createHttp(createMonitor(server), { authorize: (request, action) => action === 'read' })
 * Deno.serve(new Hono().route('/isobar', http).fetch)
 */
export function createHttp(monitor: Monitor, options: HttpOptions = {}): Hono {
  const { authorize, dashboard = true, onError = (error) => console.error('isobar: a request failed', error) } = options
  const access = new Access(authorize, onError)
  const askBroker = toAskBroker(monitor.server.broker, toMs(options.brokerTimeout ?? DEFAULT_BROKER_TIMEOUT_MS))
  const http = new Hono()
  http.onError((error) => {
    if (!(error instanceof Refusal)) onError(error)
    else if (error.status >= 503) onError(error.cause)
    return toResponse(error instanceof Refusal ? error : new Refusal(500, 'INTERNAL', 'this failed; see the log'))
  })
  const notFound = (): Response => toResponse(new Refusal(404, 'NOT_FOUND', 'there is nothing here'))
  http.notFound(notFound)

  http.get('/healthz', () => answerLive(monitor))
  http.get('/readyz', () => answerReady(monitor))
  http.get('/metrics', async (c) => {
    await access.assert(c.req.raw, 'read')
    return new Response(monitor.metrics(), { headers: { ...ANSWER_HEADERS, 'content-type': METRICS_TYPE } })
  })
  for (const [path, answer] of Object.entries(readingRoutes(monitor, access, askBroker))) {
    http.get(path, async (c) => {
      await access.assert(c.req.raw, 'read')
      return await answer(c)
    })
  }
  for (const [path, answer] of Object.entries(writingRoutes(monitor, askBroker))) {
    http.post(path, async (c) => {
      await access.assert(c.req.raw, 'write')
      assertMeant(c.req.raw)
      return await answer(c)
    })
  }
  const methods = new Map(http.routes.map(({ path, method }) => [path, method]))
  for (const [path, method] of methods) {
    const allow = method === 'GET' ? 'GET, HEAD' : method
    http.all(path, () => {
      throw new Refusal(405, 'METHOD', `ask with ${method}`, { headers: { allow } })
    })
  }
  http.all('/api/*', notFound)
  if (dashboard) {
    http.all('/*', async (c, next) => {
      await access.assert(c.req.raw, 'read')
      return await answerPage(c, next)
    })
  }
  return http
}
