import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createMemoryAdmin } from '../../../test/memory-admin.ts'
import { serveApi } from './api-server.ts'

const SERVING = fileURLToPath(new URL('../../../test/fixtures/api-serving.ts', import.meta.url))
const token = 'b'.repeat(64)

interface Reply {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly result?: unknown; readonly error?: { readonly code: string } }
}

interface Ask {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Iterable<string>
}

/** One request, as any program could send it. */
function ask(url: string, { method = 'POST', headers = {}, body = '{}' }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method, agent: false, headers: { authorization: `Bearer ${token}`, ...headers } },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode, headers: response.headers, body: JSON.parse(text) })
      },
    )
    outgoing.on('error', reject)
    for (const part of typeof body === 'string' ? [body] : body) outgoing.write(part)
    outgoing.end()
  })
}

describe('the local API', () => {
  let address: string
  beforeEach(async () => {
    const api = await serveApi(createMemoryAdmin(), { token })
    address = api.address
    return () => api[Symbol.asyncDispose]()
  })
  const ping = (options?: Ask): Promise<Reply> => ask(`${address}/v1/ping`, options)

  test('answers on 127.0.0.1 only', async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await ping()).toMatchObject({ status: 200, body: { result: { pid: process.pid } } })
  })

  test('answers nothing without the token, and nothing to another', async () => {
    for (const authorization of ['', 'Bearer', `Bearer ${token}x`, `Bearer ${'c'.repeat(64)}`, `Basic ${token}`]) {
      expect(await ping({ headers: { authorization } })).toMatchObject({
        status: 401,
        body: { error: { code: 'API_UNAUTHORIZED' } },
      })
    }
  })

  test.each([
    ['an origin', { origin: 'https://example.org' }],
    ['an origin of its own', { origin: 'http://127.0.0.1' }],
    ['an opaque origin', { origin: 'null' }],
    ['a browser’s mark', { 'sec-fetch-site': 'same-origin' }],
    ['another name', { host: 'example.org' }],
    ['another port', { host: '127.0.0.1:1' }],
    ['a name that looks alike', { host: 'localhost.example.org' }],
  ])('refuses requests with %s, even with the token', async (_, headers) => {
    const reply = await ping({ headers })
    expect(reply).toMatchObject({ status: 403, body: { error: { code: 'API_FORBIDDEN' } } })
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('may be called localhost', async () => {
    expect(await ping({ headers: { host: `localhost:${new URL(address).port}` } })).toMatchObject({ status: 200 })
  })

  test.each([
    ['v1/pinch', 'POST', '{}'],
    ['v1/constructor', 'POST', '{}'],
    ['v1/receive', 'POST', '{}'],
    ['v2/ping', 'POST', '{}'],
    ['', 'POST', '{}'],
    ['v1/ping', 'PUT', '{}'],
    ['v1/ping', 'POST', '[]'],
    ['v1/ping', 'POST', '{'],
    ['v1/get', 'POST', '{}'],
    ['v1/get', 'POST', '{"id":1}'],
    ['v1/stats', 'POST', '{"queues":[1]}'],
    ['v1/deadLetters.discard', 'POST', '{}'],
    ['v1/deadLetters.list', 'POST', '{"limit":"9"}'],
    ['v1/send', 'POST', '{"specs":{}}'],
    ['v1/send', 'POST', '{"specs":[null]}'],
    ['v1/send', 'POST', '{"specs":[{"name":"a","queue":"b","priority":"high","text":"1,2","delayMs":0}]}'],
    ['v1/send', 'POST', '{"specs":[{"name":"a","queue":"b","priority":"high","text":"1","delayMs":-1}]}'],
    [
      'v1/send',
      'POST',
      '{"specs":[{"name":"a","queue":"b","priority":"high","text":"1","delayMs":0,"dedupe":{"mode":"x"}}]}',
    ],
  ])('refuses %s %s %s', async (path, method, body) => {
    expect(await ask(`${address}/${path}`, { method, body })).toMatchObject({
      status: 400,
      body: { error: { code: 'API_CALL' } },
    })
  })

  test('refuses bodies over 8 MB, declared or not', async () => {
    const part = 'x'.repeat(1_000_000)
    expect(await ping({ headers: { 'content-length': 8_000_001 }, body: '' }).catch((error) => error)).toMatchObject({
      status: 413,
    })
    expect(await ping({ body: Array.from({ length: 9 }, () => part) })).toMatchObject({
      status: 413,
      body: { error: { code: 'API_TOO_LARGE' } },
    })
  })

  test('tells of failures that nobody expected', async () => {
    const failing = new Proxy(createMemoryAdmin(), {
      get: (target, property) =>
        property === 'queues' ? () => Promise.reject(new TypeError('oh')) : Reflect.get(target, property),
    })
    const api = await serveApi(failing, { token })
    onTestFinished(() => api[Symbol.asyncDispose]())
    expect(await ask(`${api.address}/v1/queues`)).toMatchObject({
      status: 500,
      body: { error: { code: 'API_INTERNAL', message: 'oh' } },
    })
  })
})

test('a call that runs is answered before the server stops, and stopping twice is fine', async () => {
  const asked = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const slow = new Proxy(createMemoryAdmin(), {
    get: (target, property) =>
      property === 'queues'
        ? async () => {
            asked.resolve()
            await go.promise
            return ['late']
          }
        : Reflect.get(target, property),
  })
  const api = await serveApi(slow, { token })
  const answer = ask(`${api.address}/v1/queues`)
  await asked.promise
  const stopped = Promise.all([api[Symbol.asyncDispose](), api[Symbol.asyncDispose]()])
  go.resolve()
  expect(await answer).toMatchObject({ status: 200, body: { result: ['late'] } })
  await stopped
  await expect(ask(`${api.address}/v1/ping`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('neither the server nor an open connection keeps its process alive', async () => {
  const child = spawn(process.execPath, [SERVING, token], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [address] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    const outgoing = request(`${address}/v1/ping`, { method: 'POST', headers, agent }, (response) => {
      response.resume().on('end', resolve)
    })
    outgoing.on('error', reject).end('{}')
  })
  const exited = once(child, 'exit')
  child.stdin.end()
  expect(await exited).toEqual([0, null])
})
