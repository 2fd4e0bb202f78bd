import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { makeRawMessage } from './raw-message.ts'

const messages = Array.from({ length: 200 }, (_, index) => makeRawMessage(createRandom(7, index), `m${index}`))

test('messages are read as they were meant', async () => {
  for (const { raw, ...meant } of messages) {
    const email = await PostalMime.parse(raw)
    expect({
      messageId: email.messageId,
      subject: email.subject,
      from: email.from?.address,
      to: email.to?.[0]?.address,
      attachments: email.attachments.map(({ filename, mimeType, content }) => ({
        filename,
        contentType: mimeType,
        bytes: (content as ArrayBuffer).byteLength,
      })),
    }).toEqual(meant)
    expect(email.text?.length).toBeGreaterThan(100)
  }
})

test('they are 7-bit, with lines that servers take', () => {
  for (const { raw } of messages) {
    expect(raw).toMatch(/^\p{ASCII}*$/u)
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(200)
  }
})

test('they are about 4 KB, of every kind', () => {
  const mean = messages.reduce((sum, { raw }) => sum + raw.length, 0) / messages.length
  expect(mean).toBeGreaterThan(3_000)
  expect(mean).toBeLessThan(6_000)
  expect(new Set(messages.map(({ attachments }) => attachments.length))).toEqual(new Set([0, 1, 2]))
  expect(messages.some(({ raw }) => !raw.includes('text/html'))).toBe(true)
  expect(messages.some(({ raw }) => raw.includes('multipart/mixed') && raw.includes('multipart/alternative'))).toBe(
    true,
  )
})
