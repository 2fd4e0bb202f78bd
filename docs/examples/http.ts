import { createHttp, createMonitor } from '@isobar/adapters/http'
import { serve } from '@isobar/adapters/node'
import { createApp, defineJob, Unrecoverable } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'

const sendEmail = defineJob<{ to: string }>({ name: 'email.send', queue: 'email' })

const app = createApp().on(sendEmail, () => {
  throw new Unrecoverable('the mailbox does not exist')
})

const broker = createMemoryBroker()
const server = await serve(app, { broker })

const http = createHttp(createMonitor(server), {
  authorize: (request, action) => action === 'read' || request.headers.get('authorization') === 'Bearer s3cret',
})

// A Hono app: `http.fetch` is what servers of all runtimes take, and `request` is for trying it out.
const dead = new Promise<void>((resolve) => server.addHook('dead', () => resolve()))
await createProducer(broker).enqueue(sendEmail, { to: 'ann@example.org' })
await dead

const metrics = await (await http.request('/metrics')).text()
console.log(metrics.match(/^isobar_dead_letters_total.*/m)?.[0])

const { items } = await (await http.request('/api/dead-letters')).json()
console.log(items[0].payload.text)

const discard = (headers: Record<string, string> = {}) =>
  http.request('/api/dead-letters/discard', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-isobar': '1', ...headers },
    body: JSON.stringify({ ids: [items[0].id] }),
  })
console.log((await discard()).status)
console.log(await (await discard({ authorization: 'Bearer s3cret' })).json())

await server.stop()
