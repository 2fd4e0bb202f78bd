import MailComposer from 'nodemailer/lib/mail-composer'
import type { Rendered } from './renderer.ts'
import type { Campaign } from './resources.ts'

/** A file of a message. */
export interface MessageFile {
  readonly filename: string
  readonly contentType: string
  readonly content: Uint8Array
}

/** What a message is made of. */
export interface MessageParts {
  readonly messageId: string
  readonly campaign: Campaign
  readonly to: { readonly name?: string; readonly address: string }
  readonly rendered: Rendered
  readonly files: readonly MessageFile[]
  /** Ms since the epoch. */
  readonly date: number
  /** Where a recipient can have no more of these. */
  readonly unsubscribeUrl: string
}

/**
 * A message in MIME: both bodies as alternatives, then the files.
 *
 * Why nodemailer's composer: it folds long subjects that are not ASCII, encodes file names (RFC 2231) and refuses line
 * ends in headers; mimetext, the usual choice at the edge, does none of these. It runs on Node, Deno, Bun and Workers
 * (with `nodejs_compat`) and touches neither files nor the network here.
 */
export function composeMessage(parts: MessageParts): Promise<Uint8Array> {
  const { campaign, rendered, to } = parts
  const composer = new MailComposer({
    messageId: parts.messageId,
    date: new Date(parts.date),
    from: { name: campaign.fromName, address: campaign.fromAddress },
    to: { name: to.name ?? '', address: to.address },
    subject: rendered.subject,
    text: toCrlf(rendered.text),
    html: toCrlf(rendered.html),
    attachments: parts.files.map((file) => ({ ...file, content: toBuffer(file.content) })),
    // One click, as RFC 8058 has it.
    headers: {
      'List-Unsubscribe': `<${parts.unsubscribeUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'X-Campaign': campaign.id,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** A view, not a copy: the composer takes Node's Buffers only. */
function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** The line ends of mail, which servers insist on. */
function toCrlf(text: string): string {
  return text.replace(/\r?\n/g, '\r\n')
}
