import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { signWebhook, TOLERANCE_S, verifyWebhook } from './webhook-signature.ts'

const message = { id: 'msg_1', timestamp: 1_930_000_000, body: '{"name":"山田"}' }
const signed = new Headers(await signWebhook('secret', message))

function verify(changes: Record<string, string> = {}, body = message.body, now = message.timestamp): Promise<boolean> {
  return verifyWebhook('secret', new Headers({ ...Object.fromEntries(signed), ...changes }), body, now)
}

test('the signature is that of another implementation', () => {
  const hmac = createHmac('sha256', 'secret').update(`msg_1.1930000000.${message.body}`).digest('base64')
  expect(signed.get('webhook-signature')).toBe(`v1,${hmac}`)
})

test('what was signed is known again, for some minutes', async () => {
  expect(await verify()).toBe(true)
  expect(await verify({}, message.body, message.timestamp + TOLERANCE_S)).toBe(true)
  expect(await verify({}, message.body, message.timestamp + TOLERANCE_S + 1)).toBe(false)
  expect(await verify({}, message.body, message.timestamp - TOLERANCE_S - 1)).toBe(false)
})

test.each([
  [{ 'webhook-id': 'msg_2' }],
  [{ 'webhook-timestamp': '1930000001' }],
  [{ 'webhook-timestamp': 'now' }],
  [{ 'webhook-signature': '' }],
  [{ 'webhook-signature': 'v1,####' }],
  [{ 'webhook-signature': `v2${signed.get('webhook-signature')?.slice(2)}` }],
  [{ 'webhook-signature': `v1,${'A'.repeat(43)}=` }],
])('%j is not', async (changes: Record<string, string>) => expect(await verify(changes)).toBe(false))

test('nor is another body', async () => expect(await verify({}, `${message.body} `)).toBe(false))
