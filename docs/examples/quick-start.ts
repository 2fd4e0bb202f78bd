import { serve } from '@isobar/adapters/node'
import { createApp, defineJob } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { z } from 'zod'

const sendEmail = defineJob({ name: 'email.send', data: z.object({ to: z.email() }), timeout: '30s' })

const app = createApp().on(sendEmail, async (ctx) => {
  const connection = ctx.scope.use(await connect()) // closed when the job settles, however it ends
  await connection.send(ctx.data.to, { signal: ctx.signal })
})

const broker = createMemoryBroker()
const server = await serve(app, { broker, concurrency: 20 })

await createProducer(broker).enqueue(sendEmail, { to: 'ann@example.org' })

// Below: a stand-in for a mail server, and the end of the example.

async function connect() {
  return {
    async send(to: string, _options: { signal: AbortSignal }) {
      console.log(`sent to ${to}`)
      setImmediate(() => void server.stop())
    },
    async [Symbol.asyncDispose]() {
      console.log('connection closed')
    },
  }
}
