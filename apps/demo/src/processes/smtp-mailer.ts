import { createTransport } from 'nodemailer'
import { type Mailer, MailRejectedError, type OutgoingMail, type SendReceipt } from '../resources.ts'

/** Connections to the provider that are kept open. */
export const DEFAULT_CONNECTIONS = 5

/** How long the provider may be silent, in ms. */
const SILENCE_MS = 20_000

/** A mailer that holds connections. */
export interface ClosableMailer extends Mailer {
  /** Ends the connections. */
  close(): void
}

/** Where mail goes. */
export interface SmtpMailerOptions {
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 5. */
  readonly connections?: number
}

/** Sends over SMTP, on connections that are kept open and shared. */
export function createSmtpMailer({
  port,
  host = '127.0.0.1',
  connections = DEFAULT_CONNECTIONS,
}: SmtpMailerOptions): ClosableMailer {
  const transport = createTransport({
    pool: true,
    host,
    port,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: (mail, { signal }) => untilAborted(sendWith(transport, mail), signal),
    close: () => transport.close(),
  }
}

/** The part of nodemailer's transports that is used here. */
interface Transport {
  sendMail(mail: {
    envelope: { from: string; to: string[] }
    raw: Buffer
  }): Promise<{ messageId?: string | undefined; response?: string | undefined }>
}

async function sendWith(transport: Transport, { from, to, raw }: OutgoingMail): Promise<SendReceipt> {
  try {
    const { buffer, byteOffset, byteLength } = raw
    const sent = await transport.sendMail({
      envelope: { from, to: [to] },
      raw: Buffer.from(buffer, byteOffset, byteLength),
    })
    const response = sent.response ?? '250 not sent'
    return { providerId: /queued as (\S+)/.exec(response)?.[1] ?? sent.messageId ?? '', response }
  } catch (error) {
    const { responseCode = 0, response } = error as { responseCode?: number; response?: string }
    if (responseCode >= 500) throw new MailRejectedError(response ?? String(responseCode), { cause: error })
    throw error
  }
}

/** The pool takes no signal: what was handed over is sent, but nobody waits for it any more. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop) signal.removeEventListener('abort', stop)
  }
}
