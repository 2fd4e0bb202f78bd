import { createApp } from '@isobar/core'
import { runJob } from '@isobar/core/testing'
import { PDFDocument } from 'pdf-lib'
import { expect, test } from 'vitest'
import { toDigest } from '../digest.ts'
import { renderInvoice } from '../jobs.ts'
import { createDemoStore } from '../processes/providers.ts'
import { type ContentStore, clock, storage } from '../resources.ts'
import { RETENTION_MS } from './incoming.ts'
import { invoices } from './invoices.ts'

const NOW = Date.UTC(2031, 3, 1, 9)
const data = {
  tenant: 'acme',
  month: '2031-03',
  lines: [
    { text: 'Postfächer — 山田', quantity: 3, unitCents: 1_999 },
    { text: 'Gutschrift', quantity: 1, unitCents: -150 },
  ],
}

function run(store: ContentStore, changes: Partial<typeof data> = {}, now = NOW) {
  return runJob(
    createApp().use(invoices()),
    renderInvoice,
    { ...data, ...changes },
    {
      provide: [
        [storage, store],
        [clock, { now: () => now }],
      ],
    },
  )
}

test('an invoice is stored by tenant and month, for as long as the law says', async () => {
  const store = createDemoStore()
  const { outcome } = await run(store)
  const pdf = await store.get('invoices/acme/2031-03.pdf')
  if (!pdf) throw new Error('not stored')
  expect(outcome).toEqual({
    kind: 'ack',
    result: {
      ...{ key: 'invoices/acme/2031-03.pdf', bytes: pdf.byteLength, totalCents: 5_847 },
      sha256: await toDigest(new Uint8Array(pdf)),
    },
  })
  expect(await store.head('invoices/acme/2031-03.pdf')).toMatchObject({
    contentType: 'application/pdf',
    expiresAt: NOW + RETENTION_MS,
  })
  const document = await PDFDocument.load(pdf, { updateMetadata: false })
  expect([document.getTitle(), document.getPageCount()]).toEqual(['Invoice acme 2031-03', 1])
})

test('a job that is repeated, another day, stores the same bytes', async () => {
  const first = createDemoStore()
  const second = createDemoStore()
  const { outcome } = await run(first)
  expect((await run(second, {}, NOW + 86_400_000)).outcome).toEqual(outcome)
  const [a, b] = await Promise.all([first, second].map((store) => store.get('invoices/acme/2031-03.pdf')))
  expect(b).toEqual(a)
})

test('a store that fails is tried again', async () => {
  const store = Object.assign(createDemoStore(), { put: () => Promise.reject(new Error('full')) })
  expect((await run(store)).outcome).toMatchObject({ kind: 'retry', error: { message: 'full' } })
})

test.each([
  ['no lines', { lines: [] }],
  ['a month that is none', { month: '2031-13' }],
  ['half a piece', { lines: [{ text: 'x', quantity: 0.5, unitCents: 1 }] }],
])('%s is refused before it is enqueued', async (_, changes) => {
  await expect(run(createDemoStore(), changes)).rejects.toMatchObject({ code: 'INVALID_DATA' })
})
