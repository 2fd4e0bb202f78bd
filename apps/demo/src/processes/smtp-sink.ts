import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { LRUCache } from 'lru-cache'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerError, type SMTPServerSession } from 'smtp-server'
import { markOf } from '../address-mark.ts'

/** Addresses that are put off at the same time. */
const MAX_PUT_OFF = 1_000

/** A message as the sink took it. For tests: the sink itself keeps none. */
export interface SunkMail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: Buffer
}

/** An SMTP server on loopback that takes mail and forgets it. */
export interface SmtpSink extends AsyncDisposable {
  readonly port: number
  /** Messages and bytes taken so far. */
  readonly taken: { readonly messages: number; readonly bytes: number }
  /** Tells it that it has put an address off so often: what it knew before it was restarted. */
  remind(address: string, times: number): void
  /** Ends the server and its connections. Can be called twice. */
  close(): Promise<void>
}

/**
 * Starts a sink on a free port. It answers as the recipients' addresses are marked (`address-mark.ts`): 451 as often as
 * a busy one says, 550 for those that are gone. `onMail` is given each message that was taken; without it bodies are
 * counted and dropped as they come.
 */
export async function startSmtpSink(onMail?: (mail: SunkMail) => void): Promise<SmtpSink> {
  const taken = { messages: 0, bytes: 0 }
  const putOff = new LRUCache<string, number>({ max: MAX_PUT_OFF })
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onRcptTo: ({ address }, _session, done) => done(toRefusal(address, putOff)),
    onData(stream, session, done) {
      take(stream, onMail !== undefined).then(({ bytes, raw }) => {
        taken.messages++
        taken.bytes += bytes
        const { mailFrom, rcptTo } = session.envelope
        if (raw) onMail?.({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), raw })
        done(null, `queued as ${toQueueId(session)}`)
      }, done)
    },
  })
  // A client that goes away in the middle is the client's affair.
  server.on('error', () => {})
  const listening = once(server.server, 'listening')
  server.listen(0, '127.0.0.1')
  await listening
  const { port } = server.server.address() as AddressInfo
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= new Promise<void>((resolve) => server.close(() => resolve()))
    return closing
  }
  const remind = (address: string, times: number): void => void putOff.set(address, times)
  return { port, taken, remind, close, [Symbol.asyncDispose]: close }
}

function toRefusal(address: string, putOff: LRUCache<string, number>): SMTPServerError | null {
  const mark = markOf(address)
  if (mark.kind === 'gone') return refusal(550, '5.1.1 no such mailbox')
  if (mark.kind === 'down') return refusal(451, '4.3.2 the system is down')
  if (mark.kind === 'open') return null
  const before = putOff.get(address) ?? 0
  if (before >= mark.times) {
    putOff.delete(address)
    return null
  }
  putOff.set(address, before + 1)
  return refusal(451, '4.7.1 greylisted, try again later')
}

function refusal(responseCode: number, message: string): SMTPServerError {
  return Object.assign(new Error(message), { responseCode })
}

async function take(stream: SMTPServerDataStream, keep: boolean): Promise<{ bytes: number; raw?: Buffer }> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (keep) chunks.push(chunk)
  }
  return keep ? { bytes, raw: Buffer.concat(chunks) } : { bytes }
}

function toQueueId({ id, transaction }: SMTPServerSession): string {
  return `${id}.${String(transaction).padStart(6, '0')}`
}
