import type { D1Database, R2Bucket } from '@cloudflare/workers-types'
import { markOf } from '../address-mark.ts'
import { type Mailer, MailRejectedError, type OutgoingMail, type SendReceipt } from '../resources.ts'

/** Where the outbox is in the bucket. */
export const OUTBOX = 'outbox/'

/**
 * A provider for when there is none: keeps mail in R2, and answers as the recipients' addresses are marked
 * (`address-mark.ts`), as the SMTP sink of the demo on Node does.
 */
export function createOutboxMailer(bucket: R2Bucket, database: D1Database): Mailer {
  return {
    async send(mail) {
      await refuse(mail.to, database)
      return keep(mail, bucket)
    },
  }
}

async function keep({ from, to, raw }: OutgoingMail, bucket: R2Bucket): Promise<SendReceipt> {
  const providerId = crypto.randomUUID()
  await bucket.put(`${OUTBOX}${providerId}.eml`, raw, {
    httpMetadata: { contentType: 'message/rfc822' },
    customMetadata: { from, to },
  })
  return { providerId, response: `250 OK: kept as ${providerId}` }
}

async function refuse(address: string, database: D1Database): Promise<void> {
  const mark = markOf(address)
  if (mark.kind === 'open') return
  if (mark.kind === 'gone') throw new MailRejectedError('550 5.1.1 no such mailbox')
  if (mark.kind === 'down') throw new Error('451 4.3.2 the system is down')
  const putOff = await database
    .prepare(`INSERT INTO put_off VALUES (?1, 1) ON CONFLICT (address) DO UPDATE SET times = times + 1 RETURNING times`)
    .bind(address)
    .first<number>('times')
  if ((putOff ?? 0) <= mark.times) throw new Error('451 4.7.1 greylisted, try again later')
}
