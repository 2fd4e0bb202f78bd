import { serve as listen } from '@hono/node-server'
import { expect, onTestFinished, test } from 'vitest'
import { openMonitor, send } from '../../test/http/open-monitor.ts'
import { createHttp } from './create-http.ts'
import { MAX_EVENT_BYTES } from './fit-point.ts'
import { LiveStreams, MAX_STREAMS } from './live.ts'

/** Reads a stream's events as they come. */
function read({ body }: Response) {
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  return {
    /** The next event; undefined when there are no more. */
    async next(): Promise<string | undefined> {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read()
        if (done) return undefined
        text += decoder.decode(value, { stream: true })
      }
      const [event = ''] = text.split('\n\n', 1)
      text = text.slice(event.length + 2)
      return event
    },
    cancel: () => reader.cancel(),
  }
}

test('a point a second, as the history has it', async () => {
  const { monitor, clock, jobs, settled } = await openMonitor()
  const http = createHttp(monitor)
  const response = await http.request('/api/live')
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const events = read(response)
  expect(await events.next()).toBe('retry: 3000')
  await jobs.enqueue(send, { to: 'ann' })
  await settled(1)
  for (let second = 1; second <= 3; second++) {
    await clock.advance(1_000)
    const event = (await events.next()) ?? ''
    expect(event).toMatch(/^event: point\ndata: \{.*\}$/)
    expect(new TextEncoder().encode(`${event}\n\n`).length).toBeLessThanOrEqual(MAX_EVENT_BYTES)
    expect(JSON.parse(event.slice(event.indexOf('{')))).toEqual(monitor.points().at(-1))
  }
  const history = await http.request('/api/history')
  expect(history.headers.get('content-type')).toBe('application/json')
  expect(await history.json()).toEqual({ points: monitor.points() })
  expect(monitor.points().map(({ done }) => done)).toEqual([1, 0, 0])
  await events.cancel()
})

test('streams end with the monitor', async () => {
  const { monitor } = await openMonitor()
  const events = read(await createHttp(monitor).request('/api/live'))
  expect(await events.next()).toBe('retry: 3000')
  monitor.dispose()
  // The last second is told before.
  expect(await events.next()).toMatch(/^event: point/)
  expect(await events.next()).toBeUndefined()
  const late = read(await createHttp(monitor).request('/api/live'))
  expect(await late.next()).toBe('retry: 3000')
  expect(await late.next()).toBeUndefined()
})

test('a client that goes frees its place, and so does one that falls behind', async () => {
  const { monitor, clock } = await openMonitor()
  const streams = new LiveStreams(monitor)
  const canceled = streams.answer(new Request('http://localhost/'))
  const behind = streams.answer(new Request('http://localhost/'))
  expect(streams.open).toBe(2)
  await canceled.body?.cancel()
  expect(streams.open).toBe(1)
  // Nobody reads this one.
  await clock.advance(20_000)
  expect(streams.open).toBe(0)
  expect((await behind.text()).split('event: point').length - 1).toBe(15)
  streams.answer(new Request('http://localhost/', { method: 'HEAD' }))
  expect(streams.open).toBe(0)
})

test('there are so many streams and no more', async () => {
  const { monitor } = await openMonitor()
  const http = createHttp(monitor)
  const open = await Promise.all(Array.from({ length: MAX_STREAMS }, () => http.request('/api/live')))
  expect(open.every(({ status }) => status === 200)).toBe(true)
  const refused = await http.request('/api/live')
  expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'TOO_MANY_STREAMS' } }])
  await open[0]?.body?.cancel()
  const another = await http.request('/api/live')
  expect(another.status).toBe(200)
})

test('over a socket: points arrive while the stream is open, and who hangs up is forgotten', async () => {
  const { monitor, clock } = await openMonitor()
  const http = createHttp(monitor)
  const listening = Promise.withResolvers<number>()
  const server = listen({ fetch: http.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => listening.resolve(port))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  const origin = `http://127.0.0.1:${await listening.promise}`
  expect(await (await fetch(`${origin}/readyz`)).json()).toMatchObject({ state: 'running' })
  const refused = await fetch(`${origin}/api/recycle`, { method: 'POST', body: '{}' })
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'FORBIDDEN' } }])

  const freed = Promise.withResolvers<void>()
  const original = monitor.listen.bind(monitor)
  monitor.listen = (listener) => {
    const mute = original(listener)
    return () => {
      mute()
      freed.resolve()
    }
  }
  const client = new AbortController()
  const events = read(await fetch(`${origin}/api/live`, { signal: client.signal }))
  expect(await events.next()).toBe('retry: 3000')
  await clock.advance(1_000)
  expect(await events.next()).toMatch(/^event: point/)
  client.abort()
  await freed.promise
})
