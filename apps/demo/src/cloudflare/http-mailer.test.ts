import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createHttpMailer } from './http-mailer.ts'

const mail = {
  from: 'news@acme.example',
  to: 'ann@example.org',
  raw: new TextEncoder().encode('Subject: Grüße\r\n\r\nHi'),
}

async function openProvider(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const send = (url: string, signal: AbortSignal = new AbortController().signal) =>
  createHttpMailer(url).send(mail, { signal })

test('a message is posted as it is, with its envelope', async () => {
  let taken: unknown
  const url = await openProvider(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { 'content-type': type, 'x-envelope-from': from, 'x-envelope-to': to } = request.headers
    taken = { type, from, to, raw: new Uint8Array(Buffer.concat(chunks)) }
    response.writeHead(202, { 'x-message-id': 'p1' }).end('queued')
  })
  expect(await send(url)).toEqual({ providerId: 'p1', response: '202 queued' })
  expect(taken).toEqual({ type: 'message/rfc822', ...mail })
})

test.each([
  [400, { code: 'MAIL_REJECTED', response: '400 why' }],
  [550, { message: 'the provider failed with 550 why' }],
  [503, { message: 'the provider failed with 503 why' }],
  [408, { message: 'the provider failed with 408 why' }],
])('%i', async (status, error) => {
  const url = await openProvider((_, response) => response.writeHead(status).end('why'))
  await expect(send(url)).rejects.toMatchObject(error)
})

test.each([
  ['30', 30_000],
  ['999999', 3_600_000],
])('429 with retry-after %s', async (seconds, delayMs) => {
  const url = await openProvider((_, response) => response.writeHead(429, { 'retry-after': seconds }).end())
  await expect(send(url)).rejects.toMatchObject({ code: 'RETRY_AFTER', delayMs })
})

test('an abort ends a call that is under way', async () => {
  const controller = new AbortController()
  const url = await openProvider(() => controller.abort(new Error('too late')))
  await expect(send(url, controller.signal)).rejects.toThrow('too late')
})
