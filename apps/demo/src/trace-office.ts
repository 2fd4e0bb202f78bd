import type { Fate } from './fate.ts'
import { ARCHIVE_DAYS, ARCHIVE_SIZE, archivedAddress, archivedMessageId } from './fixtures.ts'
import { HOOK_SECRET, type HookMark, toMarkedUrl } from './hook-mark.ts'
import { aggregateDay, bounceEmail, deliverWebhook, importContacts, renderInvoice, warmUpAccount } from './jobs.ts'
import { CONTACT_FILES, contactsKey, WARM_UP_ACCOUNTS, warmUpAccountId } from './office-fixtures.ts'
import type { QueueName } from './queues.ts'
import type { Random } from './random.ts'
import type { TraceJob } from './trace.ts'

/** Of what bounces, the part that bounces hard. */
const HARD = 0.4

/** A job of the trace on a queue that has no priorities; undefined for the others. */
export function toOfficeJob(
  fate: Fate,
  random: Random,
  index: number,
): Pick<TraceJob, 'name' | 'queue' | 'data'> | undefined {
  switch (fate.kind) {
    case 'bounce':
    case 'stray':
      return on(bounceEmail, toBounce(fate, random, index))
    case 'warm-up':
    case 'no-warm-up': {
      const { type, step } = fate.kind === 'warm-up' ? fate : { type: 'osmosis', step: 0 }
      const account = warmUpAccountId(random.between(0, WARM_UP_ACCOUNTS - 1))
      return on(warmUpAccount, { tenant: 'acme', account, type, step })
    }
    case 'analytics': {
      const day = `2031-03-0${random.between(1, ARCHIVE_DAYS)}`
      return on(aggregateDay, { tenant: random.pick(['acme', 'globex']), day })
    }
    case 'webhook':
    case 'gone': {
      const url = toMarkedUrl(toHookMark(fate.kind === 'webhook' ? fate.times : undefined), `${index}`)
      const body = JSON.stringify({ recipient: `recipient-${index}`, name: random.pick(['Ada', 'Jörg', '山田']) })
      return on(deliverWebhook, { url, event: 'email.opened', secret: HOOK_SECRET, body })
    }
    case 'invoice':
      return on(renderInvoice, { tenant: `customer-${index}`, month: '2031-03', lines: toLines(random) })
    case 'import':
    case 'no-file': {
      const key =
        fate.kind === 'import' ? contactsKey(random.between(0, CONTACT_FILES - 1)) : `imports/none-${index}.csv`
      return on(importContacts, { tenant: 'acme', key })
    }
    default:
      return undefined
  }
}

function on({ name, queue }: { readonly name: string; readonly queue: string }, data: unknown) {
  return { name, queue: queue as QueueName, data }
}

function toHookMark(times: number | undefined): HookMark {
  if (times === undefined) return { kind: 'gone' }
  return times > 0 ? { kind: 'busy', times } : { kind: 'open' }
}

function toLines(random: Random) {
  return Array.from({ length: random.between(1, 12) }, (_, at) => ({
    text: `${at + 1}. ${random.pick(['Versand, Europa', 'Postfächer', 'Zusätzlicher Speicher — 1 TB', 'Support 山田'])}`,
    quantity: random.between(1, 90),
    unitCents: random.between(-200, 4_900),
  }))
}

function toBounce(fate: Fate, random: Random, index: number) {
  const archived = random.between(0, ARCHIVE_SIZE - 1)
  const hard = random.next() < HARD
  return {
    messageId: fate.kind === 'stray' ? `<stray-${index}@acme.example>` : archivedMessageId(archived),
    type: hard ? 'hard' : 'soft',
    reason: `${hard ? '550 5.1.1 no such mailbox' : '452 4.2.2 mailbox full'} (${index})`,
    address: archivedAddress(archived),
  }
}
