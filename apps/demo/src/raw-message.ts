import type { Random } from './random.ts'

/** What a generated message holds, for tests to compare with. */
export interface RawMessage {
  readonly messageId: string
  readonly subject: string
  readonly from: string
  readonly to: string
  readonly attachments: readonly { readonly filename: string; readonly contentType: string; readonly bytes: number }[]
  /** The message in MIME, 7-bit, with CRLF. */
  readonly raw: string
}

const WORDS: readonly [string, ...string[]] = [
  ...([
    'invoice',
    'meeting',
    'Straßenbahn',
    'quarter',
    'delivery',
    'garden',
    'naïve',
    'schedule',
    'Zürich',
    'contract',
  ] as const),
  ...([
    'please',
    'tomorrow',
    'the',
    'with',
    'before',
    'we',
    'have',
    'signed',
    'version',
    'attached',
    'café',
    'noon',
    'review',
    '東京',
  ] as const),
]

const SUBJECTS: readonly [string, ...string[]] = [
  'Your invoice of March',
  'Termin am Dienstag – bitte bestätigen',
  'Re: contract, second version',
  '見積書をお送りします',
  'Une petite question à propos de la réunion de jeudi, et une autre à propos du contrat signé la semaine dernière',
]

const FILES: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['invoice.pdf', 'application/pdf'],
  ['figures.csv', 'text/csv'],
  ['photo.png', 'image/png'],
  ['Vertrag (Entwurf) für Müller.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
]

/** Bytes of text in an encoded word: 75 characters, less the 12 around it, in base64. */
const MAX_WORD_BYTES = 45

/** Part of the messages that have attachments, and of these the part that has two. */
const WITH_ATTACHMENTS = 0.4
const WITH_TWO = 0.3

/** Part of the messages that are plain text only. */
const PLAIN_ONLY = 0.3

/**
 * A message as some mailer or other would write it: quoted-printable and base64 bodies, alternatives, attachments,
 * encoded words, folded headers; about 4 KB.
 */
export function makeRawMessage(random: Random, id: string): RawMessage {
  const subject = random.pick(SUBJECTS)
  const from = `sender-${random.between(1, 400)}@partner.example`
  const to = `desk-${random.between(1, 40)}@acme.example`
  const messageId = `<${id}@partner.example>`
  const attachments = makeAttachments(random)
  const text = makeText(random, 6)
  const plainOnly = random.next() < PLAIN_ONLY
  const body = plainOnly ? toTextPart('plain', text, random) : toAlternative(text, random, `alt-${id}`)
  const parts = attachments.map(({ filename, contentType, bytes }) => toAttachmentPart(filename, contentType, bytes))
  const headers = [
    `Received: from mx${random.between(1, 9)}.partner.example (mx.partner.example [192.0.2.${random.between(1, 254)}])`,
    `\tby in.acme.example with ESMTPS id ${id};\r\n\tMon, 3 Mar 2031 09:${String(random.between(10, 59))}:00 +0000`,
    `Date: Mon, 3 Mar 2031 09:${random.between(10, 59)}:00 +0100`,
    `From: ${toEncodedWords('Jörg Weiß')} <${from}>`,
    `To: <${to}>`,
    `Message-ID: ${messageId}`,
    `Subject: ${toEncodedWords(subject)}`,
    'MIME-Version: 1.0',
  ]
  const content = parts.length > 0 ? toMultipart('mixed', `mix-${id}`, [body, ...parts]) : body
  return { messageId, subject, from, to, attachments, raw: `${headers.join('\r\n')}\r\n${content}\r\n` }
}

function makeAttachments(random: Random) {
  if (random.next() >= WITH_ATTACHMENTS) return []
  return Array.from({ length: random.next() < WITH_TWO ? 2 : 1 }, () => {
    const [filename, contentType] = random.pick(FILES)
    return { filename, contentType, bytes: random.between(600, 3_000) }
  })
}

function makeText(random: Random, paragraphs: number): string {
  const sentence = () => `${Array.from({ length: random.between(6, 14) }, () => random.pick(WORDS)).join(' ')}.`
  return Array.from({ length: paragraphs }, () => `${sentence()} ${sentence()}`).join('\r\n\r\n')
}

function toAlternative(text: string, random: Random, boundary: string): string {
  const html = `<html><body>${text
    .split('\r\n\r\n')
    .map((paragraph) => `<p class="text">${paragraph}</p>`)
    .join('\r\n')}</body></html>`
  return toMultipart('alternative', boundary, [toTextPart('plain', text, random), toTextPart('html', html, random)])
}

function toTextPart(subtype: 'plain' | 'html', text: string, random: Random): string {
  const quoted = random.next() < 0.5
  const encoded = quoted ? toQuotedPrintable(text) : toBase64Lines(new TextEncoder().encode(text))
  return `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${quoted ? 'quoted-printable' : 'base64'}\r\n\r\n${encoded}`
}

function toAttachmentPart(filename: string, contentType: string, bytes: number): string {
  const content = Uint8Array.from({ length: bytes }, (_, index) => (index * 31 + bytes) & 0xff)
  const name = `filename*=UTF-8''${encodeURIComponent(filename).replace(/[()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`
  return `Content-Type: ${contentType}\r\nContent-Disposition: attachment;\r\n ${name}\r\nContent-Transfer-Encoding: base64\r\n\r\n${toBase64Lines(content)}`
}

function toMultipart(subtype: string, boundary: string, parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')
  return `Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--`
}

/** RFC 2047, cut between characters so that no word is longer than it may be. */
function toEncodedWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (new TextEncoder().encode(word + character).byteLength > MAX_WORD_BYTES) {
      words.push(word)
      word = ''
    }
    word += character
  }
  return [...words, word].map((part) => `=?utf-8?B?${toBase64(new TextEncoder().encode(part))}?=`).join('\r\n ')
}

/** RFC 2045, section 6.7. */
function toQuotedPrintable(text: string): string {
  return text
    .split('\r\n')
    .map((line) => {
      let out = ''
      let column = 0
      for (const byte of new TextEncoder().encode(line)) {
        const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x3d
        const piece = plain ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        if (column + piece.length > 75) {
          out += '=\r\n'
          column = 0
        }
        out += piece
        column += piece.length
      }
      return out.replace(/ $/, '=20')
    })
    .join('\r\n')
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

function toBase64Lines(bytes: Uint8Array): string {
  return (toBase64(bytes).match(/.{1,76}/g) ?? []).join('\r\n')
}
