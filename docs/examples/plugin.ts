import {
  createApp,
  defineJob,
  definePlugin,
  defineResource,
  exponential,
  RetryAfter,
  Unrecoverable,
} from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { z } from 'zod'

// jobs.ts: what may be enqueued. Producers import this and nothing else.
export const sendEmail = defineJob({
  name: 'email.send',
  data: z.object({ to: z.email(), template: z.string() }),
  result: z.object({ messageId: z.string() }),
  retry: { attempts: 5, backoff: exponential({ base: '1s', max: '5m' }) },
  timeout: '30s',
  priority: 'high',
  queue: 'email',
})

const trackDelivery = defineJob<{ messageId: string }>({ name: 'email.track', queue: 'email' })

// email.ts: a plugin knows resources by token, never a platform.
interface Mailer {
  send(to: string, template: string, options: { signal: AbortSignal }): Promise<{ messageId: string; busyFor?: number }>
}
export const mailer = defineResource<Mailer>('mailer')

export const email = definePlugin({
  name: 'email',
  needs: [mailer],
  setup(app) {
    app.on(sendEmail, async (ctx) => {
      if (ctx.data.to.endsWith('.invalid')) throw new Unrecoverable('the domain cannot exist') // dead letter at once
      const smtp = await ctx.use(mailer)
      const { messageId, busyFor } = await smtp.send(ctx.data.to, ctx.data.template, { signal: ctx.signal })
      if (busyFor) throw new RetryAfter(busyFor) // tried again after exactly this
      await ctx.enqueue(trackDelivery, { messageId }, { delay: '5m' }) // goes out with the ack, or not at all
      return { messageId }
    })
  },
})

// A test: no broker, no platform, the mailer replaced.
const fake: Mailer = { send: async (to) => ({ messageId: `to-${to}` }) }
const { outcome, enqueued } = await runJob(
  createApp().use(email),
  sendEmail,
  { to: 'ann@example.org', template: 'welcome' },
  { provide: [[mailer, fake]] },
)
console.log(outcome.kind, enqueued[0]?.name)
