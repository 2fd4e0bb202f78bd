import { definePlugin, type JobContext, type Plugin, Unrecoverable } from '@isobar/core'
import { composeMessage } from '../compose.ts'
import { warmUpAccount, withBackoff } from '../jobs.ts'
import { isWarmUpType, office, WARM_UP_TYPES, type WarmUpPlan, type WarmUpStep, type WarmUpType } from '../office.ts'
import { clock, MailRejectedError, mailer } from '../resources.ts'
import { textToHtml } from '../text-to-html.ts'
import type { MailOptions } from './options.ts'

/**
 * Warms accounts up: does one step of the account's plan, and enqueues the next one with its delay, with the ack. A step
 * that was done is recorded under its job, and done once, but for the moment between the provider's answer and the record.
 */
export function warmUp(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'warm-up',
    needs: [office, mailer, clock],
    setup(app) {
      app.on(withBackoff(warmUpAccount, options.backoff), async (ctx) => {
        const { tenant, account, type, step } = ctx.data
        const [db, { now }] = await Promise.all([ctx.use(office), ctx.use(clock)])
        if (!isWarmUpType(type))
          throw new Unrecoverable(`there is no warm-up of type ${type}; there are ${WARM_UP_TYPES.join(', ')}`)
        const plan = await db.warmUpPlan(tenant, account)
        if (!plan) throw new Unrecoverable(`account ${account} of tenant ${tenant} has no warm-up plan`)
        const sequence = plan.sequences[type]
        const current = sequence[step]
        if (!current)
          throw new Unrecoverable(`the ${type} warm-up of ${account} has ${sequence.length} steps, not ${step + 1}`)

        const { id } = ctx.job
        const messageId = type === 'engagement' ? undefined : `<${id}@${plan.address.split('@')[1]}>`
        if (!(await db.warmUp(id))) {
          if (messageId) await send(ctx, plan, type, current, messageId, now())
          for (const opened of current.opens) await db.saveOpen(opened, now())
          await db.saveWarmUp({ tenant, account, type, step, job: id, at: now() })
        }
        const last = step + 1 >= sequence.length
        if (!last) {
          const next = { tenant, account, type, step: step + 1 }
          await ctx.enqueue(warmUpAccount, next, { delay: current.nextMs, id: toStepId(id, step) })
        }
        return { step, ...(messageId && { messageId }), opens: current.opens.length, last }
      })
    },
  })
}

/** The id of the job of the next step, which tells where the sequence began: `a`, `a.1`, `a.2` … */
export function toStepId(id: string, step: number): string {
  const own = `.${step}`
  return `${id.endsWith(own) ? id.slice(0, -own.length) : id}.${step + 1}`
}

async function send(
  ctx: JobContext,
  plan: WarmUpPlan,
  type: WarmUpType,
  { subject }: WarmUpStep,
  messageId: string,
  date: number,
): Promise<void> {
  const { tenant, account, address, peer } = plan
  const [from, to] = type === 'outbound' ? [address, peer] : [peer, address]
  const text = `${subject}\n\nSent to make ${address} known.`
  const raw = await composeMessage({
    ...{ messageId, date, files: [], to: { address: to } },
    campaign: { id: `warm-up-${account}`, tenant, name: 'Warm-up', fromName: from, fromAddress: from },
    rendered: { subject, text, html: textToHtml(text) },
    unsubscribeUrl: `https://mail.example/warm-up/${tenant}/${account}`,
  })
  const provider = await ctx.use(mailer)
  try {
    await provider.send({ from, to, raw }, { signal: ctx.signal })
  } catch (error) {
    if (error instanceof MailRejectedError)
      throw new Unrecoverable(`the warm-up of ${account} was refused for good: ${error.response}`, { cause: error })
    throw error
  }
}
