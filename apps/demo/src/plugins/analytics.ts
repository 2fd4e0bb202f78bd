import { definePlugin, type Plugin } from '@isobar/core'
import { aggregateDay, withBackoff } from '../jobs.ts'
import { office } from '../office.ts'
import type { MailOptions } from './options.ts'

/** Counts a tenant's day into one row. Repeated, it writes the row anew: what has come in since is in it. */
export function analytics(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'analytics',
    needs: [office],
    setup(app) {
      app.on(withBackoff(aggregateDay, options.backoff), async (ctx) => {
        const { tenant, day } = ctx.data
        return (await ctx.use(office)).aggregate(tenant, day)
      })
    },
  })
}
