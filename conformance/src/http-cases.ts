import assert from 'node:assert/strict'
import { createHttp, createMonitor, type HttpOptions } from '@isobar/adapters/http'
import { createApp, defineJob, Unrecoverable } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { listen } from './listen.ts'
import type { Serve } from './serve-cases.ts'
import type { Case } from './suites.ts'

const refuse = defineJob<{ readonly secret: string }>({ name: 'refuse', queue: 'email' })

/** What a watched worker over HTTP is asked with. */
interface Asked {
  readonly origin: string
  ask(path: string, init?: RequestInit): Promise<[status: number, body: string, headers: Headers]>
  /** Ends the worker; the server goes on. */
  stop(): Promise<unknown>
}

/** What a worker shows over HTTP, with the server of the runtime: probes, metrics, API, live figures, dashboard. */
export function httpCases(serve: Serve): readonly Case[] {
  const withHttp = async (options: HttpOptions, use: (asked: Asked) => Promise<void>): Promise<void> => {
    const dead = Promise.withResolvers<void>()
    const app = createApp().on(refuse, () => {
      throw new Unrecoverable('refused')
    })
    const broker = createMemoryBroker()
    const server = await serve(app, { broker, signals: false, id: 'w', on: { dead: () => dead.resolve() } })
    const http = await listen(createHttp(createMonitor(server), options).fetch)
    try {
      await createProducer(broker).enqueue(refuse, { secret: 'hunter2' }, { id: 'a' })
      await dead.promise
      await use({
        origin: http.origin,
        stop: () => server.stop(),
        async ask(path, init) {
          const response = await fetch(`${http.origin}${path}`, init)
          return [response.status, await response.text(), response.headers]
        },
      })
    } finally {
      await server.stop()
      await http[Symbol.asyncDispose]()
    }
  }
  const post = (body: unknown): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-isobar': '1' },
    body: JSON.stringify(body),
  })
  return [
    {
      name: 'answers probes, metrics, the dashboard and what it does not know',
      run: () =>
        withHttp({}, async ({ ask, stop }) => {
          assert.equal((await ask('/healthz'))[0], 200)
          assert.equal((await ask('/readyz'))[0], 200)
          const [status, metrics, headers] = await ask('/metrics')
          assert.equal(status, 200)
          assert.match(headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
          assert.ok(
            metrics.includes('isobar_dead_letters_total{queue="email",job="refuse",reason="unrecoverable"} 1\n'),
          )
          assert.match(metrics, /^isobar_worker_rss_bytes \d{7,}$/m)
          assert.ok((await ask('/'))[1].startsWith('<!doctype html>'))
          assert.equal((await ask('/api/none'))[0], 404)
          assert.equal((await ask('/metrics', post({})))[0], 405)
          await stop()
          assert.equal((await ask('/readyz'))[0], 503)
        }),
    },
    {
      name: 'shows dead letters without their values, and refuses what changes something, where nobody may say',
      run: () =>
        withHttp({}, async ({ ask }) => {
          const [status, letters] = await ask('/api/dead-letters?payload=full')
          assert.deepEqual([status, JSON.parse(letters).items[0].payload.text], [200, '{"secret":"string"}'])
          assert.equal((await ask('/api/dead-letters/discard', post({ ids: ['a'] })))[0], 403)
          assert.equal(JSON.parse((await ask('/api/dead-letters'))[1]).items.length, 1)
        }),
    },
    {
      name: 'changes what it is asked to by who may, and says what is wrong with a request',
      run: () =>
        withHttp({ authorize: () => true }, async ({ ask }) => {
          assert.equal((await ask('/api/dead-letters/discard', { method: 'POST', body: '{"ids":["a"]}' }))[0], 403)
          assert.equal((await ask('/api/dead-letters/discard', post({ all: true })))[0], 400)
          assert.equal((await ask('/api/dead-letters/discard', post({ ids: ['a'.repeat(400_000)] })))[0], 413)
          assert.deepEqual(JSON.parse((await ask('/api/dead-letters/discard', post({ ids: ['a'] })))[1]), { count: 1 })
          assert.equal((await ask('/api/queues/email/pause', post({})))[0], 200)
          assert.equal(JSON.parse((await ask('/api/queues'))[1]).queues[0].paused, true)
        }),
    },
    {
      name: 'sends a point a second, until the worker has stopped',
      run: () =>
        withHttp({}, async ({ origin, stop }) => {
          const response = await fetch(`${origin}/api/live`)
          assert.equal(response.headers.get('content-type'), 'text/event-stream')
          const decoder = new TextDecoder()
          let text = ''
          let stopped: Promise<unknown> | undefined
          for await (const part of response.body ?? []) {
            text += decoder.decode(part, { stream: true })
            if (text.includes('event: point')) stopped ??= stop()
          }
          await stopped
          const points = [...text.matchAll(/^event: point\ndata: (.*)\n\n/gm)].map(([, point = '']) =>
            JSON.parse(point),
          )
          assert.ok(points.length >= 2 && points[0].dead + points[1].dead === 1 && points[0].memory.rss > 1e6)
        }),
    },
    {
      name: 'has a place for so many streams, which is free again when who has it hangs up',
      run: () =>
        withHttp({}, async ({ origin }) => {
          const clients = new AbortController()
          // Kept: a response that nobody holds may be hung up by the runtime.
          const responses: Response[] = []
          const connect = async (signal: AbortSignal): Promise<number> => {
            const response = await fetch(`${origin}/api/live`, { signal })
            responses.push(response)
            return response.status
          }
          while ((await connect(clients.signal)) === 200);
          assert.equal(responses.length, 33)
          clients.abort()
          const hungUp = performance.now()
          const another = new AbortController()
          while ((await connect(another.signal)) !== 200) await new Promise((resolve) => setTimeout(resolve, 10))
          // Before the server would notice that nobody reads.
          assert.ok(performance.now() - hungUp < 10_000)
          another.abort()
        }),
    },
  ]
}
