import { createApp, defineJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { expect, onTestFinished, test } from 'vitest'
import { serve } from './entry.ts'

const wait = defineJob({ name: 'wait' })

/** The status and the body of an answer. */
async function ask(port: number | undefined, path: string, method = 'GET'): Promise<[number, unknown]> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
  return [response.status, method === 'HEAD' ? undefined : await response.json()]
}

test('a worker answers whether it lives and whether it is ready, until it has stopped', async () => {
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const app = createApp().on(wait, async () => {
    start()
    await hold
  })
  const broker = createMemoryBroker()
  const server = await serve(app, { broker, signals: false, id: 'w', health: { port: 0, hostname: '127.0.0.1' } })
  onTestFinished(() => void server.stop())
  const { healthPort: port } = server
  await createProducer(broker).enqueue(wait, null)
  await started
  expect(await ask(port, '/readyz')).toEqual([200, { id: 'w', state: 'running', healthy: true }])
  expect((await ask(port, '/healthz', 'HEAD'))[0]).toBe(200)
  expect((await ask(port, '/healthz', 'POST'))[0]).toBe(405)
  expect((await ask(port, '/metrics'))[0]).toBe(404)
  const stopped = server.stop()
  expect(await ask(port, '/readyz')).toEqual([503, { id: 'w', state: 'draining', healthy: true }])
  expect(await ask(port, '/healthz')).toEqual([200, { id: 'w', state: 'draining', healthy: true }])
  release()
  await stopped
  await expect(ask(port, '/healthz')).rejects.toThrow('fetch failed')
})

test('a port that is taken, or none at all, is an error of the start, and the broker is let go', async () => {
  const first = await serve(createApp(), { broker: createMemoryBroker(), signals: false, health: 0, queues: ['a'] })
  onTestFinished(() => void first.stop())
  const start = (health: number) => {
    const broker = createMemoryBroker()
    return { broker, served: serve(createApp(), { broker, signals: false, health, queues: ['a'] }) }
  }
  await expect(start(first.healthPort ?? 0).served).rejects.toMatchObject({ code: 'EADDRINUSE' })
  const { broker, served } = start(70_000)
  await expect(served).rejects.toMatchObject({ code: 'OPTION' })
  await expect(createProducer(broker).enqueue(wait, null)).rejects.toThrow()
})
