import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { composeMessage, type MessageParts } from './compose.ts'

const parts: MessageParts = {
  messageId: '<job-1@acme.example>',
  campaign: {
    id: 'spring',
    tenant: 'acme',
    name: 'Spring',
    fromName: 'Müller, "GmbH"',
    fromAddress: 'news@acme.example',
  },
  to: { name: '山田', address: 'yamada@recipient.example' },
  rendered: {
    subject: `${'Straßenbahnfahrscheine und '.repeat(12)}mehr`,
    text: 'Grüße\n\nvon uns',
    html: `<p>${'ü'.repeat(2_000)}</p>`,
  },
  files: [
    {
      filename: 'Geschäftsbedingungen (2031).pdf',
      contentType: 'application/pdf',
      content: Uint8Array.from([0, 1, 2, 255, 13, 10]),
    },
  ],
  date: Date.UTC(2031, 2, 3, 9, 30),
  unsubscribeUrl: 'https://mail.example/unsubscribe/spring/r1',
}

test('what is composed is read back as it was meant', async () => {
  const email = await PostalMime.parse(await composeMessage(parts))
  expect(email).toMatchObject({
    messageId: parts.messageId,
    subject: parts.rendered.subject,
    from: { name: 'Müller, "GmbH"', address: 'news@acme.example' },
    to: [{ name: '山田', address: 'yamada@recipient.example' }],
    date: '2031-03-03T09:30:00.000Z',
  })
  expect(email.text?.trim().replaceAll('\r\n', '\n')).toBe(parts.rendered.text)
  expect(email.html?.trim()).toBe(parts.rendered.html)
  const [file] = email.attachments
  expect(file).toMatchObject({
    filename: parts.files[0]?.filename,
    mimeType: 'application/pdf',
    disposition: 'attachment',
  })
  expect(new Uint8Array(file?.content as ArrayBuffer)).toEqual(parts.files[0]?.content)
  expect(email.headers).toContainEqual(
    expect.objectContaining({ key: 'list-unsubscribe', value: `<${parts.unsubscribeUrl}>` }),
  )
})

test('it is 7-bit, its lines are short and end with CRLF', async () => {
  const raw = new TextDecoder('latin1').decode(await composeMessage(parts))
  expect(raw).toMatch(/^\p{ASCII}*$/u)
  expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78)
})

test('the bodies are alternatives, the plain one first', async () => {
  const raw = new TextDecoder().decode(await composeMessage(parts))
  expect(raw).toMatch(
    /multipart\/mixed[\s\S]*multipart\/alternative[\s\S]*text\/plain[\s\S]*text\/html[\s\S]*application\/pdf/,
  )
})

test('a name cannot start another header', async () => {
  const email = await PostalMime.parse(
    await composeMessage({ ...parts, to: { name: 'A\r\nBcc: b@example.org', address: 'a@example.org' } }),
  )
  expect(email.bcc).toBeUndefined()
  expect(email.to).toHaveLength(1)
})
