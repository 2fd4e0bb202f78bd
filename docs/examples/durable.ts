import { serve } from '@isobar/adapters/node'
import { embedded } from '@isobar/adapters/postgres'
import { createApp, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'

const sendReceipt = defineJob<{ order: number }>({ name: 'receipt.send', retry: { attempts: 5 } })

const app = createApp().on(sendReceipt, async (ctx) => {
  console.log(`receipt of order ${ctx.data.order}`)
})

const broker = embedded('memory://') // './data' keeps its jobs; postgres(url) shares them
const jobs = createProducer(broker)

await broker.transaction((tx) => tx.exec('CREATE TABLE orders (id integer)'))
await broker.transaction(async (tx) => {
  await tx.query('INSERT INTO orders VALUES ($1)', [42])
  await jobs.enqueue(sendReceipt, { order: 42 }, { tx }) // exists if the order does
})

const server = await serve(app, { broker, signals: false })
await new Promise<void>((resolve) => app.hook('settle', () => resolve()))
await server.stop()
