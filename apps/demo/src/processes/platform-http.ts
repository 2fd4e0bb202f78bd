import { serve } from '@hono/node-server'
import type { Producer } from '@isobar/core/producer'
import { Hono } from 'hono'
import { createApi } from '../api.ts'
import { DemoOptionError } from '../errors.ts'
import type { ContentStore } from '../resources.ts'
import { createSwitches, type Switches } from './switches.ts'

/** What is answered over HTTP. */
export interface PlatformHttp {
  readonly producer: Producer
  readonly store: ContentStore
  readonly switches: Switches
  /** What is mounted besides: the dashboard. */
  readonly dashboard: Hono
}

/** The API, the switches, and the dashboard for all the rest. */
export function createPlatformHttp({ producer, store, switches, dashboard }: PlatformHttp): Hono {
  const http = new Hono()
  http.route('/', createSwitches(switches))
  http.route('/', createApi({ producer: () => producer, store: () => store }) as unknown as Hono)
  http.route('/', dashboard)
  return http
}

/** Who answers requests. */
export type Answerer = Pick<Hono, 'fetch'>

/**
 * What answers while the platform is not there yet. Who opens a page gets it when it is there: an engine that is new takes
 * some seconds. Programs are told to come back.
 */
export function createStarting(): Starting {
  let open: Starting['open'] = () => {}
  const opened = new Promise<Answerer>((resolve) => {
    open = resolve
  })
  const http = new Hono()
  for (const page of ['/', '/switches']) http.get(page, async (c) => (await opened).fetch(c.req.raw))
  http.all('/*', (c) => {
    c.header('retry-after', '1')
    return c.json({ code: 'STARTING', error: 'the demo is starting; ask again in a second' }, 503)
  })
  return { http, open }
}

/** What answers at first. */
export interface Starting {
  readonly http: Hono
  /** Lets the platform answer who has waited for a page. */
  open(platform: Answerer): void
}

/** A server on loopback. */
export interface Listening extends AsyncDisposable {
  readonly port: number
  /** Lets another one answer from now on. */
  answerBy(other: Answerer): void
}

/**
 * Answers on a port of loopback; 0 is any that is free. Disposing ends its connections, too; it can be disposed of twice.
 * @throws {DemoOptionError} when the port is taken, or not this user's to take.
 */
export async function listen(first: Answerer, port: number): Promise<Listening> {
  let answerer = first
  const fetch: Hono['fetch'] = (...request) => answerer.fetch(...request)
  const server = serve({ fetch, port, hostname: '127.0.0.1' })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (cause: NodeJS.ErrnoException) => reject(toRefusal(cause, port)))
  })
  const address = server.address() as { readonly port: number }
  let closing: Promise<void> | undefined
  return {
    port: address.port,
    answerBy(other) {
      answerer = other
    },
    [Symbol.asyncDispose]() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
      return closing
    },
  }
}

const REFUSED: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another process',
  EACCES: 'is not open to this user',
}

function toRefusal(cause: NodeJS.ErrnoException, port: number): Error {
  const why = REFUSED[cause.code ?? '']
  if (!why) return cause
  return new DemoOptionError(
    `port ${port} of 127.0.0.1 ${why}; name another one with --port, or any that is free with --port 0`,
  )
}
