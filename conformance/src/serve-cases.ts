import assert from 'node:assert/strict'
import type { ServeOptions, Server } from '@isobar/adapters/node'
import { type App, createApp, defineJob, type HookEvents } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import type { Case } from './suites.ts'

/** `serve` of the adapter under test, for an app in this process. */
export type Serve = (app: App, options: ServeOptions) => Promise<Server>

const hold = defineJob({ name: 'hold' })
const churn = defineJob<{ readonly keep: number }>({ name: 'churn' })

const HERE = '127.0.0.1'

/** The status and the body of an answer. */
async function ask({ healthPort }: Server, path: string, method = 'GET'): Promise<[number, unknown]> {
  const response = await fetch(`http://${HERE}:${healthPort}${path}`, { method })
  const text = await response.text()
  return [response.status, text === '' ? undefined : JSON.parse(text)]
}

/** What `serve` promises besides what its worker does: health over HTTP, memory. */
export function serveCases(serve: Serve): readonly Case[] {
  const open = (app: App, options: Partial<ServeOptions> = {}): Promise<Server> =>
    serve(app, { broker: createMemoryBroker(), signals: false, id: 'w', ...options })
  const withServer = async (app: App, options: Partial<ServeOptions>, use: (server: Server) => Promise<void>) => {
    const server = await open(app, options)
    try {
      await use(server)
    } finally {
      await server.stop()
    }
  }
  return [
    {
      name: 'answers whether it lives and whether it is ready, until it has stopped',
      async run() {
        const held = Promise.withResolvers<void>()
        const started = Promise.withResolvers<void>()
        const app = createApp().on(hold, () => {
          started.resolve()
          return held.promise
        })
        const broker = createMemoryBroker()
        await withServer(app, { broker, health: { port: 0, hostname: HERE } }, async (server) => {
          await createProducer(broker).enqueue(hold, null)
          await started.promise
          assert.deepEqual(await ask(server, '/readyz'), [200, { id: 'w', state: 'running', healthy: true }])
          assert.equal((await ask(server, '/healthz', 'HEAD'))[0], 200)
          assert.equal((await ask(server, '/healthz', 'POST'))[0], 405)
          assert.equal((await ask(server, '/none'))[0], 404)
          const stopped = server.stop()
          assert.deepEqual(await ask(server, '/readyz'), [503, { id: 'w', state: 'draining', healthy: true }])
          assert.deepEqual(await ask(server, '/healthz'), [200, { id: 'w', state: 'draining', healthy: true }])
          held.resolve()
          await stopped
          await assert.rejects(ask(server, '/healthz'))
        })
      },
    },
    {
      name: 'a port that is taken is an error of the start, and so is one that is none',
      async run() {
        const health = { port: 0, hostname: HERE }
        await withServer(createApp(), { health, queues: ['a'] }, async (first) => {
          const port = first.healthPort ?? 0
          await assert.rejects(open(createApp(), { health: { port, hostname: HERE }, queues: ['a'] }))
          const broker = createMemoryBroker()
          await assert.rejects(open(createApp(), { broker, health: 70_000, queues: ['a'] }), { code: 'OPTION' })
          await assert.rejects(createProducer(broker).enqueue(hold, null), 'the broker is disposed')
        })
      },
    },
    {
      name: 'tells its memory, and what is left after collections that the engine makes by itself',
      async run() {
        const kept: unknown[] = []
        const app = createApp().on(churn, async ({ data: { keep } }) => {
          kept.push(Array.from({ length: keep }, (_, n) => ({ n })))
          for (let n = 0; n < 200_000; n++) kept[0] = { n }
        })
        const readings: HookEvents['memory'][] = []
        const collected = Promise.withResolvers<void>()
        const broker = createMemoryBroker()
        const on = {
          memory: (event: HookEvents['memory']) => {
            if (readings.push(event) === 3) collected.resolve()
          },
        }
        await withServer(app, { broker, on }, async (server) => {
          const { memory } = server.worker.health()
          assert.ok(memory && memory.total > 1e6 && memory.rss > memory.total, 'a process has some MB')
          assert.ok(memory.heapUsed <= memory.total, 'the heap is a part of it')
          const producer = createProducer(broker)
          let over = false
          const load = (async () => {
            while (!over) {
              await producer.enqueue(churn, { keep: 100_000 })
              while (server.worker.health().running > 0) await new Promise((resolve) => setTimeout(resolve, 1))
            }
          })()
          await collected.promise
          over = true
          await load
          const [first = 0, , third = 0] = readings.map(({ reading }) => reading.total)
          assert.ok(first > 1e6 && third > first, 'what jobs leave behind is seen to be left')
        })
      },
    },
  ]
}
