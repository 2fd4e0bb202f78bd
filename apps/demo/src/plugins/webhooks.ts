import { definePlugin, type Plugin, RetryAfter, Unrecoverable } from '@isobar/core'
import { http } from '../http-client.ts'
import { deliverWebhook, withBackoff } from '../jobs.ts'
import { clock } from '../resources.ts'
import { toRetryAfterMs } from '../retry-after.ts'
import { signWebhook } from '../webhook-signature.ts'
import type { MailOptions } from './options.ts'

/** Answers below 500 that are about the moment and not about the message: timeout, too early, too many requests. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

/**
 * Posts signed events to customers' servers. 2xx is done. A server that asks for a pause (`Retry-After`) gets it. 5xx, no
 * answer within the job's timeout and no answer at all are tried again; everything else, redirects too, is given up.
 *
 * Every attempt carries the same `webhook-id`, so that a receiver can tell a repeat, and its number in `x-attempt`.
 */
export function webhooks(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'webhooks',
    needs: [http, clock],
    setup(app) {
      app.on(withBackoff(deliverWebhook, options.backoff), async (ctx) => {
        const { url, event, secret, body } = ctx.data
        const [client, { now }] = await Promise.all([ctx.use(http), ctx.use(clock)])
        const at = now()
        const headers = {
          'content-type': 'application/json',
          'x-event': event,
          'x-attempt': String(ctx.attempt),
          ...(await signWebhook(secret, { id: ctx.job.id, timestamp: Math.floor(at / 1_000), body })),
        }
        const { status, retryAfter } = await client.post({ url, headers, body }, { signal: ctx.signal })
        if (status >= 200 && status < 300) return { status }
        const message = `the endpoint answered ${status}`
        if (status < 500 && !PASSING.has(status))
          throw new Unrecoverable(`${message}, which will not change; look at the webhook's address`)
        const waitMs = toRetryAfterMs(retryAfter, at)
        throw waitMs === undefined ? new Error(message) : new RetryAfter(waitMs, message)
      })
    },
  })
}
