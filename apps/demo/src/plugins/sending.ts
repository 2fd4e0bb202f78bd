import { definePlugin, type JobContext, type Plugin, Unrecoverable } from '@isobar/core'
import { composeMessage, type MessageFile } from '../compose.ts'
import { bounceEmail, MAX_REASON_CHARS, sendEmail, withBackoff } from '../jobs.ts'
import { createRenderer } from '../renderer.ts'
import {
  type ContentStore,
  clock,
  type DeliveryRecord,
  database,
  MailRejectedError,
  mailer,
  type OutgoingMail,
  storage,
  type Template,
} from '../resources.ts'
import type { MailOptions } from './options.ts'

/**
 * Sends a campaign's messages. A delivery is recorded whatever happens: `sent`; `suppressed`, when the address wants or
 * takes no mail; `rejected`, when the provider refused it for good, which also enqueues its bounce with the ack.
 * A job that is repeated after its delivery was recorded (its ack was lost) sends nothing twice: message ids come from
 * job ids. Between the provider's answer and the record lies a moment in which a crash makes the repeat send again: the
 * same message under the same id, which recipients' servers can tell from another.
 */
export function sending(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'sending',
    needs: [storage, database, mailer, clock],
    setup(app) {
      const render = createRenderer()
      app.on(withBackoff(sendEmail, options.backoff), async (ctx) => {
        const { tenant, personalisations, ...ids } = ctx.data
        const { address, values } = personalisations
        const [store, db, { now }] = await Promise.all([ctx.use(storage), ctx.use(database), ctx.use(clock)])
        const campaign = await db.campaign(ids.campaign)
        if (!campaign || campaign.tenant !== tenant)
          throw new Unrecoverable(`tenant ${tenant} has no campaign ${ids.campaign}`)
        const messageId = `<${ctx.job.id}@${campaign.fromAddress.split('@')[1]}>`
        const [template, suppression, earlier] = await Promise.all([
          db.template(ids.template),
          db.suppression(address),
          db.delivery(messageId),
        ])
        if (!template)
          throw new Unrecoverable(`campaign ${campaign.id} asks for template ${ids.template}, which does not exist`)

        const settle = async (delivery: DeliveryRecord) => {
          if (delivery.status === 'rejected') await ctx.enqueue(bounceEmail, toBounce(delivery))
          return toResult(delivery)
        }
        if (earlier) return settle(earlier)

        const record = async (outcome: Answer | { status: 'suppressed'; response: string }) => {
          const delivery = {
            messageId,
            campaign: campaign.id,
            recipient: ids.recipient,
            address,
            at: now(),
            ...outcome,
          }
          await db.saveDelivery(delivery)
          return settle(delivery)
        }
        if (suppression) return record({ status: 'suppressed', response: suppression })

        const unsubscribeUrl = `https://mail.example/unsubscribe/${campaign.id}/${ids.recipient}`
        const rendered = await render(template, { ...values, address, campaign: campaign.name, unsubscribeUrl })
        const files = await loadFiles(store, template)
        const name = values.name
        const to = name === undefined ? { address } : { name, address }
        const raw = await composeMessage({ messageId, campaign, to, rendered, files, date: now(), unsubscribeUrl })
        return record(await handOver(ctx, { from: campaign.fromAddress, to: address, raw }))
      })
    },
  })
}

interface Answer {
  readonly status: 'sent' | 'rejected'
  readonly providerId?: string
  readonly response: string
}

/** Being refused for good is an answer; anything else that goes wrong may go away, and is thrown. */
async function handOver(ctx: JobContext, mail: OutgoingMail): Promise<Answer> {
  const provider = await ctx.use(mailer)
  try {
    return { status: 'sent', ...(await provider.send(mail, { signal: ctx.signal })) }
  } catch (error) {
    if (error instanceof MailRejectedError) return { status: 'rejected', response: error.response }
    throw error
  }
}

function loadFiles(store: ContentStore, template: Template): Promise<MessageFile[]> {
  return Promise.all(
    template.attachments.map(async ({ filename, contentType, key }) => {
      const content = await store.get(key)
      if (!content)
        throw new Unrecoverable(`template ${template.id} attaches ${key}, which is not in the content store`)
      return { filename, contentType, content }
    }),
  )
}

function toBounce({ messageId, address, response = 'rejected' }: DeliveryRecord) {
  return { messageId, address, type: 'hard' as const, reason: response.slice(0, MAX_REASON_CHARS) }
}

function toResult({ messageId, status, response }: DeliveryRecord) {
  // A delivery that has bounced since was sent as far as this job is concerned.
  return {
    messageId,
    status: status === 'bounced' ? ('sent' as const) : status,
    ...(response !== undefined && { response }),
  }
}
