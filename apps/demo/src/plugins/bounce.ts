import { definePlugin, type Plugin, Unrecoverable } from '@isobar/core'
import { bounceEmail, withBackoff } from '../jobs.ts'
import { clock, database } from '../resources.ts'
import { DEFAULT_SOFT_BOUNCE_LIMIT, type MailOptions } from './options.ts'

/**
 * Works in messages that came back: marks the delivery, counts on the campaign, and suppresses the address, at once
 * when the bounce is hard, after `softBounceLimit` when soft. A bounce of a message that nobody sent is given up.
 */
export function bounce(options: MailOptions = {}): Plugin {
  const { softBounceLimit = DEFAULT_SOFT_BOUNCE_LIMIT } = options
  return definePlugin({
    name: 'bounce',
    needs: [database, clock],
    setup(app) {
      app.on(withBackoff(bounceEmail, options.backoff), async (ctx) => {
        const { messageId, type, reason, address } = ctx.data
        const [db, { now }] = await Promise.all([ctx.use(database), ctx.use(clock)])
        const delivery = await db.delivery(messageId)
        if (!delivery)
          throw new Unrecoverable('the bounce names a message that was never sent; look at who reports bounces')
        const softBounces = await db.recordBounce({ messageId, type, reason, at: now(), job: ctx.job.id })
        const suppressed = type === 'hard' || softBounces >= softBounceLimit
        if (suppressed)
          await db.suppress(
            address,
            type === 'hard' ? `hard bounce: ${reason}` : `${softBounces} soft bounces, the last: ${reason}`,
          )
        return { campaign: delivery.campaign, suppressed }
      })
    },
  })
}
