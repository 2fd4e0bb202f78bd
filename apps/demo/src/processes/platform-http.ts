import { serve } from '@hono/node-server'
import type { Producer } from '@isobar/core/producer'
import { Hono } from 'hono'
import { z } from 'zod'
import { createApi } from '../api.ts'
import { DemoOptionError } from '../errors.ts'
import type { ContentStore } from '../resources.ts'

/** What is answered over HTTP. */
export interface PlatformHttp {
  readonly producer: Producer
  readonly store: ContentStore
  /** Can be turned. */
  readonly leak: { isOn: boolean }
  /** What is mounted besides: the dashboard. */
  readonly dashboard: Hono
}

const leakWish = z.object({ isOn: z.boolean() })

/** The API, the switch at `/leak`, and the dashboard for all the rest. */
export function createPlatformHttp({ producer, store, leak, dashboard }: PlatformHttp): Hono {
  const http = new Hono()
  http.get('/leak', (c) => c.json({ isOn: leak.isOn }))
  http.put('/leak', async (c) => {
    const wish = leakWish.safeParse(await c.req.json().catch(() => undefined))
    if (!wish.success) return c.json({ code: 'INVALID_DATA', error: 'send {"isOn":true} or {"isOn":false}' }, 400)
    leak.isOn = wish.data.isOn
    return c.json({ isOn: leak.isOn })
  })
  http.route('/', createApi({ producer: () => producer, store: () => store }) as unknown as Hono)
  http.route('/', dashboard)
  return http
}

/** A server on loopback. */
export interface Listening extends AsyncDisposable {
  readonly port: number
}

/**
 * Answers on a port of loopback; 0 is any that is free. Disposing ends its connections, too.
 * @throws {DemoOptionError} when the port is taken.
 */
export async function listen({ fetch }: Pick<Hono, 'fetch'>, port: number): Promise<Listening> {
  const server = serve({ fetch, port, hostname: '127.0.0.1' })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new DemoOptionError(`port ${port} of 127.0.0.1 is taken; name another, or 0 for any that is free`)
          : cause,
      ),
    )
  })
  const address = server.address() as { readonly port: number }
  return {
    port: address.port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
