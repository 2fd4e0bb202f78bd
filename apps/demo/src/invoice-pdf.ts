import { PDFDocument, type PDFFont, type PDFPage, StandardFonts } from 'pdf-lib'

/** One line of an invoice. */
export interface InvoiceLine {
  readonly text: string
  readonly quantity: number
  readonly unitCents: number
}

/** What an invoice says. */
export interface Invoice {
  readonly tenant: string
  /** As in 2031-03. */
  readonly month: string
  readonly lines: readonly InvoiceLine[]
}

/** A4, in points. */
const PAGE: [width: number, height: number] = [595.28, 841.89]
const MARGIN = 56
const LEADING = 16

/** Lines on a page. */
export const LINES_A_PAGE = 40

/** Widest text of a line, in points. */
const TEXT_WIDTH = 290

/** The sum of an invoice, in cents. */
export function toTotalCents(lines: readonly InvoiceLine[]): number {
  return lines.reduce((sum, { quantity, unitCents }) => sum + quantity * unitCents, 0)
}

/**
 * An invoice as a PDF. The same invoice has the same bytes, on every runtime: it is dated by its month, and nothing in it
 * is made by chance. Characters that the standard font does not have are printed as `?`.
 */
export async function renderInvoicePdf(invoice: Invoice): Promise<Uint8Array<ArrayBuffer>> {
  const { tenant, month, lines } = invoice
  const date = new Date(`${month}-01T00:00:00Z`)
  const document = await PDFDocument.create({ updateMetadata: false })
  document.setTitle(`Invoice ${tenant} ${month}`)
  document.setCreationDate(date)
  document.setModificationDate(date)
  const font = await document.embedFont(StandardFonts.Helvetica)
  const known = new Set(font.getCharacterSet())
  for (let from = 0; from < lines.length; from += LINES_A_PAGE) {
    const page = document.addPage(PAGE)
    const write = createWriter(page, font, known)
    write(0, MARGIN, `Invoice  ${tenant}  ${month}`, 16)
    for (const [at, line] of lines.slice(from, from + LINES_A_PAGE).entries())
      writeLine(write, at + 2, line, font, known)
    if (from + LINES_A_PAGE >= lines.length) {
      write(LINES_A_PAGE + 3, MARGIN, 'Total')
      write(LINES_A_PAGE + 3, MARGIN + 400, toMoney(toTotalCents(lines)))
    }
  }
  return new Uint8Array(await document.save({ useObjectStreams: false, updateFieldAppearances: false }))
}

type Write = (row: number, x: number, text: string, size?: number) => void

function createWriter(page: PDFPage, font: PDFFont, known: ReadonlySet<number>): Write {
  return (row, x, text, size = 10) => {
    const y = PAGE[1] - MARGIN - row * LEADING
    page.drawText(toKnown(text, known), { x, y, size, font })
  }
}

function writeLine(write: Write, row: number, line: InvoiceLine, font: PDFFont, known: ReadonlySet<number>): void {
  const { text, quantity, unitCents } = line
  write(row, MARGIN, toWidth(toKnown(text, known), font))
  write(row, MARGIN + 300, `${quantity} x ${toMoney(unitCents)}`)
  write(row, MARGIN + 400, toMoney(quantity * unitCents))
}

/** A text with `?` in place of what the font does not have, line ends among it. */
function toKnown(text: string, known: ReadonlySet<number>): string {
  return Array.from(text.normalize('NFC'), (char) => (known.has(char.codePointAt(0) ?? 0) ? char : '?')).join('')
}

/** A text as far as its column goes. */
function toWidth(text: string, font: PDFFont): string {
  let cut = text
  while (font.widthOfTextAtSize(cut, 10) > TEXT_WIDTH) cut = cut.slice(0, -1)
  return cut
}

function toMoney(cents: number): string {
  const euros = Math.floor(Math.abs(cents) / 100)
  const rest = String(Math.abs(cents) % 100).padStart(2, '0')
  return `${cents < 0 ? '-' : ''}${euros}.${rest} EUR`
}
