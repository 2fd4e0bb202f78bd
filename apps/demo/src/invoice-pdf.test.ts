import { PDFDocument } from 'pdf-lib'
import { expect, test } from 'vitest'
import { LINES_A_PAGE, renderInvoicePdf, toTotalCents } from './invoice-pdf.ts'

const line = { text: 'Support', quantity: 2, unitCents: 4_950 }

test('the sum is of quantities and prices, in cents', () => {
  expect(toTotalCents([line, { text: 'Credit', quantity: 3, unitCents: -1 }])).toBe(9_897)
})

test.each([
  [1, 1],
  [LINES_A_PAGE, 1],
  [LINES_A_PAGE + 1, 2],
  [400, 10],
])('%i lines take %i pages', async (lines, pages) => {
  const pdf = await renderInvoicePdf({
    tenant: 'acme',
    month: '2031-03',
    lines: Array.from({ length: lines }, () => line),
  })
  const document = await PDFDocument.load(pdf, { updateMetadata: false })
  expect(document.getPageCount()).toBe(pages)
  expect(document.getCreationDate()).toEqual(new Date('2031-03-01T00:00:00Z'))
})

test('whatever a customer writes is printed, as far as the font has it and the column goes', async () => {
  const texts = ['山田 🙂', 'line\nend\ttab', '\u0000', 'e\u0301 — “quoted”', 'W'.repeat(200), '\uD800']
  const lines = texts.map((text) => ({ ...line, text }))
  const pdf = await renderInvoicePdf({ tenant: 'Käufer 山', month: '2031-12', lines })
  expect(new TextDecoder('latin1').decode(pdf)).toMatch(/^%PDF-1\.7/)
})
