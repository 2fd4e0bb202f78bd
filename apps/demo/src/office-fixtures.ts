import { archivedMessageId } from './fixtures.ts'
import type { WarmUpPlan, WarmUpStep } from './office.ts'

/** Accounts that are warmed up. */
export const WARM_UP_ACCOUNTS = 8

/** Between two steps, in ms: the demo cannot wait a day. */
const NEXT_MS = 20

/** Files of contacts that the trace imports. */
export const CONTACT_FILES = 4

/** Rows of each. The last is more than one batch. */
const ROWS: readonly number[] = [12, 30, 60, 240]

/** Each so many-th row is none that can be imported. */
const BAD_EVERY = 10

/** Plans of the accounts that the trace warms up. */
export const WARM_UP_PLANS: readonly WarmUpPlan[] = Array.from({ length: WARM_UP_ACCOUNTS }, (_, index) => ({
  tenant: 'acme',
  account: warmUpAccountId(index),
  address: `${warmUpAccountId(index)}@acme.example`,
  peer: `peer-${index}@recipient.example`,
  sequences: {
    inbound: [toStep('May we introduce ourselves?'), toStep('One more question')],
    outbound: [toStep('Good morning'), toStep('What we spoke about'), toStep('See you on Monday')],
    engagement: [toStep('The first are opened', index, index + 8), toStep('More are opened', index + 16)],
  },
}))

/** The files that the trace imports, as they are in the content store. */
export const CONTACTS: readonly { readonly key: string; readonly contentType: string; readonly content: Uint8Array }[] =
  Array.from({ length: CONTACT_FILES }, (_, index) => ({
    key: contactsKey(index),
    contentType: 'text/csv',
    content: new TextEncoder().encode(toCsv(index)),
  }))

/** The id of an account that is warmed up. */
export function warmUpAccountId(index: number): string {
  return `desk-${index}`
}

/** Where a file of contacts is in the content store. */
export function contactsKey(index: number): string {
  return `imports/acme/contacts-${index}.csv`
}

function toStep(subject: string, ...opened: readonly number[]): WarmUpStep {
  return { nextMs: NEXT_MS, subject, opens: opened.map(archivedMessageId) }
}

function toCsv(file: number): string {
  const rows = Array.from({ length: ROWS[file] ?? 0 }, (_, row) => {
    const address = row % BAD_EVERY === 3 ? `not an address ${row}` : `Reader-${file}-${row}@recipient.example`
    return `${address},"Zoë ""${row}"" O'Neil, Köln",${row % 2 === 0 ? 'de' : ''}`
  })
  return `\uFEFFemail,name,locale\r\n${rows.join('\r\n')}\r\n`
}
