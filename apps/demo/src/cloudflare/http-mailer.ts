import { RetryAfter } from '@isobar/core'
import { type Mailer, MailRejectedError, type OutgoingMail, type SendReceipt } from '../resources.ts'

/** Answers that are not for good, though they are the sender's to heed: timed out, too many. */
const NOT_FOR_GOOD: readonly number[] = [408, 425, 429]

/** Longest answer that is kept, in characters. */
const MAX_RESPONSE = 500

/** Longest wait that a provider may ask for, in seconds. */
const MAX_WAIT_S = 3_600

/** Posts messages to a provider's HTTP API: the MIME as the body, the envelope in headers. */
export function createHttpMailer(url: string): Mailer {
  return { send: (mail, { signal }) => post(url, mail, signal) }
}

async function post(url: string, { from, to, raw }: OutgoingMail, signal: AbortSignal): Promise<SendReceipt> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822', 'x-envelope-from': from, 'x-envelope-to': to },
    body: raw as Uint8Array<ArrayBuffer>,
    signal,
  })
  // Read whatever it is: a body that nobody reads holds its connection.
  const response = (await answer.text()).slice(0, MAX_RESPONSE)
  if (answer.ok)
    return { providerId: answer.headers.get('x-message-id') ?? '', response: `${answer.status} ${response}` }
  if (answer.status >= 400 && answer.status < 500 && !NOT_FOR_GOOD.includes(answer.status))
    throw new MailRejectedError(`${answer.status} ${response}`)
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (seconds >= 0)
    throw new RetryAfter(Math.min(seconds, MAX_WAIT_S) * 1_000, `the provider asked to be left alone: ${response}`)
  throw new Error(`the provider failed with ${answer.status} ${response}`)
}
