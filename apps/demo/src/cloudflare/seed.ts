import type { D1Database, R2Bucket } from '@cloudflare/workers-types'
import { ARCHIVE, CAMPAIGNS, SUPPRESSIONS, TEMPLATES, TERMS } from '../fixtures.ts'
import { CONTACTS, WARM_UP_PLANS } from '../office-fixtures.ts'

/** Puts in place what the trace names: campaigns, templates, files, deliveries of days gone by, suppressed addresses, warm-ups. */
export async function seed(database: D1Database, bucket: R2Bucket): Promise<void> {
  const insert = (table: string, ...values: readonly unknown[]) =>
    database
      .prepare(`INSERT INTO ${table} VALUES (${values.map((_, at) => `?${at + 1}`)}) ON CONFLICT DO NOTHING`)
      .bind(...values)
  await database.batch([
    ...CAMPAIGNS.map(({ id, tenant, name, fromName, fromAddress }) =>
      insert('campaign', id, tenant, name, fromName, fromAddress),
    ),
    ...TEMPLATES.map(({ id, version, subject, text, html, attachments }) =>
      insert('template', id, version, subject, text, html, JSON.stringify(attachments)),
    ),
    ...ARCHIVE.map(({ messageId, campaign, recipient, address, status, providerId = null, response = null, at }) =>
      insert('delivery', messageId, campaign, recipient, address, status, providerId, response, at, null),
    ),
    ...SUPPRESSIONS.map(([address, reason]) => insert('suppression', address, reason)),
    ...WARM_UP_PLANS.map(({ tenant, account, address, peer, sequences }) =>
      insert('warm_up_plan', tenant, account, address, peer, JSON.stringify(sequences)),
    ),
  ])
  for (const { key, content, contentType } of [TERMS, ...CONTACTS])
    await bucket.put(key, content, { httpMetadata: { contentType } })
}
