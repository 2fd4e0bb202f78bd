import { definePlugin, type JobContext, type Plugin, Unrecoverable } from '@isobar/core'
import PostalMime, { type Attachment, type Email } from 'postal-mime'
import { toByteStream } from '../byte-stream.ts'
import { toDigest } from '../digest.ts'
import { incomingEmail, withBackoff } from '../jobs.ts'
import { type ContentStore, clock, database, storage } from '../resources.ts'
import { textToHtml } from '../text-to-html.ts'
import type { MailOptions } from './options.ts'

/** How long contents are kept: seven years, in ms. */
export const RETENTION_MS: number = 2_555 * 86_400_000

/** Most bytes of headers read of one message. */
const MAX_HEADER_BYTES = 256 * 1024

/** What is stored of a message, as JSON. */
export interface StoredContent {
  readonly text: string
  /** The message's HTML, or its text as HTML. */
  readonly html: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Of the message as it came, in bytes. */
  readonly size: number
}

/**
 * Keeps e-mails that arrive: attachments first, then the content, the reference last, so that whoever finds a reference
 * finds all of it. Keys come from the message itself: a repeated job, or the same message to another account, stores
 * the content once.
 */
export function incoming(options: MailOptions = {}): Plugin {
  return definePlugin({
    name: 'incoming',
    needs: [storage, database, clock],
    setup(app) {
      app.on(withBackoff(incomingEmail, options.backoff), async (ctx) => {
        const { tenant, account, direction, type, from, to, raw } = ctx.data
        const [store, db, { now }] = await Promise.all([ctx.use(storage), ctx.use(database), ctx.use(clock)])
        const bytes = new TextEncoder().encode(raw)
        const [email, digest] = await Promise.all([parse(bytes), toDigest(bytes)])
        const expiresAt = now() + RETENTION_MS
        const storageKey = `content/${tenant}/${digest}`
        const stored = !(await store.head(storageKey))
        const attachments = email.attachments.map((_, index) => `${storageKey}/${index}`)
        if (stored) {
          for (const [index, attachment] of email.attachments.entries()) {
            await storeAttachment(ctx, store, `${storageKey}/${index}`, attachment, expiresAt)
          }
          const content = new TextEncoder().encode(JSON.stringify(toContent(email, bytes.byteLength)))
          await store.put(storageKey, content, { contentType: 'application/json', expiresAt })
        }
        const messageId = email.messageId ?? `<${digest}@${account}>`
        await db.saveMessage({
          messageId,
          tenant,
          account,
          direction,
          type,
          from,
          to,
          subject: email.subject ?? '',
          storageKey,
          attachments,
          status: 'received',
          receivedAt: now(),
        })
        return { messageId, storageKey, attachments: attachments.length, stored }
      })
    },
  })
}

async function parse(raw: Uint8Array): Promise<Email> {
  try {
    const email = await PostalMime.parse(raw, { maxHeadersSize: MAX_HEADER_BYTES })
    if (email.headers.length > 0) return email
  } catch (cause) {
    throw new Unrecoverable('the message is not MIME that can be parsed; it is kept as it came', { cause })
  }
  throw new Unrecoverable('the message has no headers, so it is no e-mail; it is kept as it came')
}

async function storeAttachment(
  ctx: JobContext,
  store: ContentStore,
  key: string,
  { content, mimeType }: Attachment,
  expiresAt: number,
): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
  const stream = ctx.scope.adopt(toByteStream(bytes), (open) => open.cancel())
  await store.put(key, stream, { contentType: mimeType, expiresAt, signal: ctx.signal })
}

function toContent(email: Email, size: number): StoredContent {
  const text = email.text ?? ''
  return {
    text,
    html: email.html ?? textToHtml(text),
    headers: email.headers.map(({ key, value }) => [key, value] as const),
    size,
  }
}
