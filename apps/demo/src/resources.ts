import { type Clock, defineResource, IsobarError, type IsobarErrorOptions, type Resource } from '@isobar/core'

/** What the content store knows of an object. */
export interface StoredObject {
  readonly key: string
  readonly bytes: number
  readonly contentType: string
  /** When it may be deleted, ms since the epoch. */
  readonly expiresAt: number
}

/** How an object is stored. */
export interface PutOptions {
  readonly contentType: string
  /** When it may be deleted, ms since the epoch. */
  readonly expiresAt: number
  /** Ends the upload of a stream. */
  readonly signal?: AbortSignal
}

/** Where contents and attachments are kept: memory here, R2 or S3 elsewhere. */
export interface ContentStore {
  head(key: string): Promise<StoredObject | undefined>
  get(key: string): Promise<Uint8Array | undefined>
  /** An object as it is read, for those too large to hold. Whoever does not read it to its end must cancel it. */
  open(key: string): Promise<ReadableStream<Uint8Array> | undefined>
  /** Stores an object, in place of the one that has the key. A stream that fails leaves nothing behind. */
  put(key: string, body: Uint8Array | ReadableStream<Uint8Array>, options: PutOptions): Promise<StoredObject>
}

/** A message ready to go: the envelope, and the MIME that it carries. */
export interface OutgoingMail {
  readonly from: string
  readonly to: string
  readonly raw: Uint8Array
}

/** What the provider answered. */
export interface SendReceipt {
  /** The provider's own id for the message. */
  readonly providerId: string
  /** The provider's last line, as it came. */
  readonly response: string
}

/** Hands messages to a provider: SMTP here, an HTTP API or a binding elsewhere. */
export interface Mailer {
  /**
   * @throws {MailRejectedError} when the provider will never take it. Any other error may go away.
   */
  send(mail: OutgoingMail, options: { readonly signal: AbortSignal }): Promise<SendReceipt>
}

/** The provider refused a message for good (SMTP 5xx): sending it again would change nothing. */
export class MailRejectedError extends IsobarError {
  /** The provider's answer. */
  readonly response: string

  constructor(response: string, options?: IsobarErrorOptions) {
    super('MAIL_REJECTED', 'the provider refused the message for good; treat the address as bounced', options)
    this.response = response
  }
}

/** Who sends, and how often its messages came back. */
export interface Campaign {
  readonly id: string
  readonly tenant: string
  readonly name: string
  readonly fromName: string
  readonly fromAddress: string
}

/** Bounces of a campaign. */
export interface BounceCounts {
  readonly hard: number
  readonly soft: number
}

/** What a campaign's messages are made from, in Liquid. */
export interface Template {
  readonly id: string
  /** Raised with every change, so that what was compiled of it can be kept. */
  readonly version: number
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Sent along with every message. */
  readonly attachments: readonly TemplateAttachment[]
}

/** A file that goes along with a template's messages. */
export interface TemplateAttachment {
  readonly filename: string
  readonly contentType: string
  /** Where it is in the content store. */
  readonly key: string
}

/** What is remembered of a message that was received. */
export interface MessageReference {
  readonly messageId: string
  readonly tenant: string
  readonly account: string
  readonly direction: 'inbound' | 'outbound'
  readonly type: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly storageKey: string
  readonly attachments: readonly string[]
  readonly status: 'received'
  readonly receivedAt: number
}

/** What became of one message to one recipient. */
export interface DeliveryRecord {
  readonly messageId: string
  readonly campaign: string
  readonly recipient: string
  readonly address: string
  readonly status: 'sent' | 'suppressed' | 'rejected' | 'bounced'
  readonly providerId?: string
  readonly response?: string
  readonly at: number
  /** Why it came back. */
  readonly bounceReason?: string
}

/** A message came back. */
export interface BounceRecord {
  readonly messageId: string
  readonly type: 'hard' | 'soft'
  readonly reason: string
  /** When it was worked in, ms since the epoch. */
  readonly at: number
  /** The job that reports it: the same job is counted once, however often it runs. */
  readonly job: string
}

/** The platform's tables: memory here, D1 or Postgres elsewhere. */
export interface MailDatabase {
  campaign(id: string): Promise<Campaign | undefined>
  template(id: string): Promise<Template | undefined>
  saveMessage(message: MessageReference): Promise<void>
  message(messageId: string): Promise<MessageReference | undefined>
  /** What was saved first for a message id stays: a job that is repeated does not undo a bounce. */
  saveDelivery(delivery: DeliveryRecord): Promise<void>
  delivery(messageId: string): Promise<DeliveryRecord | undefined>
  /**
   * Marks the delivery bounced, counts the bounce on its campaign and, when soft, on its address: all of it or nothing.
   * Answers how often the address has bounced softly. A job that was counted before changes nothing.
   */
  recordBounce(bounce: BounceRecord): Promise<number>
  bounces(campaign: string): Promise<BounceCounts>
  suppress(address: string, reason: string): Promise<void>
  /** Why nothing is sent to the address, if so. */
  suppression(address: string): Promise<string | undefined>
}

/** Where contents and attachments are kept. */
export const storage: Resource<ContentStore> = defineResource('storage')

/** Hands messages to a provider. */
export const mailer: Resource<Mailer> = defineResource('mailer')

/** The platform's tables. */
export const database: Resource<MailDatabase> = defineResource('database')

/** What time it is. */
export const clock: Resource<Pick<Clock, 'now'>> = defineResource('clock')
