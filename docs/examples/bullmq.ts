import { bullmq, fromBullMQ, jobStatus, type ProcessorJob } from '@isobar/adapters/bullmq'
import { serve } from '@isobar/adapters/node'
import { createApp, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

// A processor as it stands: typed with BullMQ's own `Job`, it fits, too.
async function processor(job: ProcessorJob<{ order: number }>): Promise<string> {
  await job.updateProgress(50)
  return `receipt of order ${job.data.order}`
}

const sendReceipt = defineJob<{ order: number }>({ name: 'receipt.send', queue: 'receipts', retry: { attempts: 5 } })
const app = createApp().on(sendReceipt, fromBullMQ(processor))

const broker = bullmq(url, { prefix: 'isobar-example', retain: '1m' })
const status = jobStatus({ connection: url, prefix: 'isobar-example:job:', worker: 'w1', ttl: '1m' })
const server = await serve(app, { broker, id: 'w1', signals: false, on: status.on, onStop: () => status.dispose() })

// An ordinary BullMQ job; `new Queue('receipts').add('receipt.send', { order: 42 })` adds one just like it.
const jobs = createProducer(broker)
const { id } = await jobs.enqueue(sendReceipt, { order: 42 })

let job = await jobs.get(id)
while (job?.state !== 'done') job = await jobs.get(id)
console.log(job.progress, job.result)

let told = await status.read(id)
while (told?.status !== 'done') told = await status.read(id)
console.log(told.status, told.worker, told.attempt)

await server.stop()
