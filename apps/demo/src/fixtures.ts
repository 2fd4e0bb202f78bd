import type { Campaign, DeliveryRecord, Template } from './resources.ts'

/** Messages sent on days gone by, which the trace's bounces name. */
export const ARCHIVE_SIZE = 64

/** Days on which they were sent, the first one of March 2031 and those after it. */
export const ARCHIVE_DAYS = 7

/** Addresses to which nothing is sent. */
export const SUPPRESSED_SIZE = 16

/** The campaigns that the trace sends for. */
export const CAMPAIGNS: readonly [Campaign, ...Campaign[]] = [
  {
    id: 'spring',
    tenant: 'acme',
    name: 'Frühling 2031',
    fromName: 'Acme Gärten, Köln',
    fromAddress: 'news@acme.example',
  },
  { id: 'renewal', tenant: 'acme', name: 'Renewal', fromName: 'Acme Accounts', fromAddress: 'accounts@acme.example' },
  { id: 'welcome', tenant: 'globex', name: 'Welcome', fromName: 'Zoë of Globex', fromAddress: 'zoe@globex.example' },
  { id: 'digest', tenant: 'globex', name: 'Weekly digest', fromName: 'Globex', fromAddress: 'digest@globex.example' },
]

/** The file that goes along with the welcome. */
export const TERMS = {
  key: 'templates/welcome/terms.pdf',
  contentType: 'application/pdf',
  content: toPdf('Terms and conditions'),
}

/** What the campaigns' messages are made from, one template each. */
export const TEMPLATES: readonly Template[] = [
  toTemplate(
    'spring',
    'Für Sie, {{ name }}: {{ offer }} — nur bis {{ until }}',
    'Guten Tag {{ name }},\n\nwir haben {{ offer }} für Sie zurückgelegt.',
  ),
  toTemplate(
    'renewal',
    '{{ name }}, your plan {{ offer }} renews on {{ until }}',
    'Dear {{ name }},\n\nyour plan {{ offer }} renews on {{ until }}.',
  ),
  {
    ...toTemplate(
      'welcome',
      'Welcome, {{ name | capitalize }}!',
      'Hello {{ name }},\n\ngood to have you. Start with {{ offer }}.',
    ),
    attachments: [{ filename: 'Allgemeine Geschäftsbedingungen.pdf', contentType: TERMS.contentType, key: TERMS.key }],
  },
  toTemplate('digest', '{{ offer }} and {{ until }}: your week at Globex', 'Hi {{ name }},\n\nthis week: {{ offer }}.'),
]

/** The campaigns' messages of days gone by. */
export const ARCHIVE: readonly DeliveryRecord[] = Array.from({ length: ARCHIVE_SIZE }, (_, index) => ({
  messageId: archivedMessageId(index),
  campaign: (CAMPAIGNS[index % CAMPAIGNS.length] ?? CAMPAIGNS[0]).id,
  recipient: `archive-${index}`,
  address: archivedAddress(index),
  status: 'sent',
  providerId: `archive.${index}`,
  response: `250 OK: queued as archive.${index}`,
  at: Date.UTC(2031, 2, 1 + (index % ARCHIVE_DAYS)),
}))

/** Addresses to which nothing is sent, with the reason. */
export const SUPPRESSIONS: readonly (readonly [address: string, reason: string])[] = Array.from(
  { length: SUPPRESSED_SIZE },
  (_, index) => [suppressedAddress(index), 'unsubscribed'],
)

/** The id of a message of days gone by. */
export function archivedMessageId(index: number): string {
  return `<archive-${index}@acme.example>`
}

/** To whom it went. */
export function archivedAddress(index: number): string {
  return `reader-${index}@recipient.example`
}

/** An address to which nothing is sent. */
export function suppressedAddress(index: number): string {
  return `left-${index}@recipient.example`
}

function toTemplate(id: string, subject: string, opening: string): Template {
  const body = `${opening}\n\n{% if offer contains "%" %}The discount is taken off at checkout.{% else %}There is nothing else to do.{% endif %}`
  const paragraphs = body.split('\n\n').map((text) => `    <p style="margin: 0 0 16px; line-height: 1.5">${text}</p>`)
  return {
    id,
    version: 1,
    subject,
    text: `${body}\n\n--\n{{ campaign }}\nNo more of these: {{ unsubscribeUrl }}\n`,
    html: `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>{{ campaign }}</title></head>
  <body style="font-family: sans-serif; max-width: 40em">
    <h1 style="font-size: 20px">{{ campaign }}</h1>
${paragraphs.join('\n')}
    <p><a href="{{ unsubscribeUrl }}">No more of these</a></p>
  </body>
</html>
`,
    attachments: [],
  }
}

/** The smallest document that readers open, with a title. */
function toPdf(title: string): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    toPdfStream(`BT /F1 24 Tf 72 720 Td (${title}) Tj ET`),
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const size = objects.length + 1
  const xref = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`
  return new TextEncoder().encode(
    `${body}${xref}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`,
  )
}

function toPdfStream(content: string): string {
  return `<< /Length ${content.length} >>\nstream\n${content}\nendstream`
}
