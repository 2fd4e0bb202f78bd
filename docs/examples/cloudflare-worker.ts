import type { Queue } from '@cloudflare/workers-types'
import { toSender, toWorker } from '@isobar/adapters/cloudflare'
import { createApp, defineJob } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { z } from 'zod'

interface Env {
  readonly EMAIL: Queue
  readonly DLQ: Queue
}

const sendEmail = defineJob({ name: 'email.send', queue: 'email', data: z.object({ to: z.email() }), timeout: '30s' })

const app = createApp<Env>().on(sendEmail, (ctx) => console.log(`sent to ${ctx.data.to}`))

const queues = { email: 'EMAIL' } as const

export default toWorker<Env>(app, {
  deadLetter: 'DLQ',
  queues,
  async fetch(request, env) {
    const jobs = createProducer(toSender<Env>(queues, env))
    const { id } = await jobs.enqueue(sendEmail, { to: await request.text() })
    return Response.json({ id })
  },
})
