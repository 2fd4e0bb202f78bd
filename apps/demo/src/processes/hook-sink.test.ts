import { afterAll, expect, test } from 'vitest'
import { createMarkedHttp, HOOK_SECRET, type HookMark, toMarkedUrl } from '../hook-mark.ts'
import { signWebhook } from '../webhook-signature.ts'
import { createHookClient } from './hook-client.ts'
import { startHookSink } from './hook-sink.ts'

const sink = await startHookSink()
afterAll(() => sink[Symbol.asyncDispose]())

const CLIENTS = { 'over loopback': createHookClient(sink.port), 'in memory': createMarkedHttp() }

async function post(client: keyof typeof CLIENTS, mark: HookMark, attempt: number, secret = HOOK_SECRET) {
  const body = '{"name":"山田"}'
  const signed = await signWebhook(secret, { id: 'h1', timestamp: Math.floor(Date.now() / 1_000), body })
  const headers = { ...signed, 'x-attempt': `${attempt}` }
  return CLIENTS[client].post({ url: toMarkedUrl(mark, '7'), headers, body }, { signal: new AbortController().signal })
}

test.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])(
  'endpoints answer as they are marked, %s',
  async (client) => {
    expect(await post(client, { kind: 'open' }, 1)).toEqual({ status: 204 })
    expect(await post(client, { kind: 'open' }, 1, 'another secret')).toEqual({ status: 401 })
    expect(await post(client, { kind: 'gone' }, 1)).toEqual({ status: 410 })
    const busy = { kind: 'busy', times: 2 } as const
    expect(await post(client, busy, 1)).toEqual({ status: 503, retryAfter: '1' })
    expect(await post(client, busy, 2)).toEqual({ status: 503 })
    expect(await post(client, busy, 3)).toEqual({ status: 204 })
  },
)

test('what it takes is counted; what it cannot make out is refused', async () => {
  const before = sink.taken.messages
  await post('over loopback', { kind: 'open' }, 1)
  expect(sink.taken.messages).toBe(before + 1)
  const answer = await fetch(`http://127.0.0.1:${sink.port}/elsewhere/1`, { method: 'POST', body: 'x' })
  expect(answer.status).toBe(400)
  const huge = await fetch(`http://127.0.0.1:${sink.port}/open/1`, { method: 'POST', body: 'x'.repeat(200_000) })
  expect(huge.status).toBe(413)
  expect(sink.taken.messages).toBe(before + 1)
})

test('in an outage it is unavailable to all', async () => {
  const outage = { isOn: true }
  await using down = await startHookSink(outage)
  const ask = async () => (await fetch(`http://127.0.0.1:${down.port}/gone/1`, { method: 'POST', body: '{}' })).status
  expect(await ask()).toBe(503)
  outage.isOn = false
  expect(await ask()).toBe(410)
})

test('another address is posted to where it is', async () => {
  const url = `http://127.0.0.1:${sink.port}/gone/1`
  for (const client of Object.values(CLIENTS)) {
    expect(await client.post({ url, headers: {}, body: '' }, { signal: new AbortController().signal })).toEqual({
      status: 410,
    })
  }
})
