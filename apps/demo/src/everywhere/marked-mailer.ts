import { RetryAfter } from '@isobar/core'
import { markOf } from '../address-mark.ts'
import { toDigest } from '../digest.ts'
import { type Mailer, MailRejectedError } from '../resources.ts'

/** How long a provider that is busy asks to be left alone. */
const WAIT = '50ms'

/** What nodemailer makes by chance: it stands between the parts of a message. */
const BOUNDARY = /-[0-9a-f]{16}-Part_/g

/** A mailer that tells what it has taken. */
export interface MarkedMailer extends Mailer {
  /** Messages taken so far. */
  readonly taken: number
}

/**
 * A provider in memory that answers as the recipients' addresses are marked (`address-mark.ts`). One that is busy asks
 * for a delay the first time, and fails after that. The id of a message is the digest of its bytes, but for what is
 * there by chance.
 */
export function createMarkedMailer(): MarkedMailer {
  const putOff = new Map<string, number>()
  let taken = 0
  return {
    get taken() {
      return taken
    },
    async send({ from, to, raw }) {
      const mark = markOf(to)
      if (mark.kind === 'gone') throw new MailRejectedError('550 5.1.1 no such mailbox')
      if (mark.kind === 'down') throw new Error('451 4.3.2 the system is down')
      const before = putOff.get(to) ?? 0
      if (mark.kind === 'busy' && before < mark.times) {
        putOff.set(to, before + 1)
        if (before === 0) throw new RetryAfter(WAIT, '451 4.7.1 greylisted, try again later')
        throw new Error('451 4.7.1 still greylisted')
      }
      taken++
      const providerId = await toDigest(
        new TextEncoder().encode(`${from} ${to} ${new TextDecoder().decode(raw).replace(BOUNDARY, '-Part_')}`),
      )
      return { providerId, response: `250 OK: queued as ${providerId}` }
    },
  }
}
