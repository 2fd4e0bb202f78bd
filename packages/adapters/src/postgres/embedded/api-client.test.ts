import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { type Broker, defineJob, type JobSpec } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryAdmin } from '../../../test/memory-admin.ts'
import type { Admin } from './admin.ts'
import { connectApi, type EngineConnection } from './api-client.ts'
import { serveApi } from './api-server.ts'

const token = 'a'.repeat(64)

async function connected(): Promise<{ admin: Admin & Broker; engine: EngineConnection }> {
  const admin = createMemoryAdmin()
  const api = await serveApi(admin, { token })
  const engine = await connectApi(api.address, token)
  onTestFinished(async () => {
    await engine[Symbol.asyncDispose]()
    await api[Symbol.asyncDispose]()
  })
  return { admin, engine }
}

const spec = (extra: Partial<JobSpec> = {}): JobSpec => ({
  name: 'email.send',
  queue: 'email',
  priority: 'normal',
  text: '{"to":"ann@example.org"}',
  delayMs: 0,
  ...extra,
})

/** Makes dead letters of all that is queued. */
async function bury(admin: Broker, queue = 'email'): Promise<void> {
  const deliveries = await admin.receive({
    queues: [{ name: queue, max: 100 }],
    max: 100,
    leaseMs: 10_000,
    workerId: 'worker',
    waitMs: 0,
    signal: new AbortController().signal,
  })
  const outcome = { kind: 'dead', reason: 'unrecoverable', error: new Error('refused') } as const
  await admin.settle(deliveries.map((delivery) => ({ delivery, outcome, endedAt: 1 })))
}

test('it says which engine, in which process, of which version', async () => {
  const { admin, engine } = await connected()
  expect(engine).toMatchObject({
    name: 'memory',
    can: admin.can,
    pid: process.pid,
    version: expect.stringMatching(/^\d/),
  })
  expect(await engine.migrate()).toEqual({ from: 3, to: 3 })
})

test('jobs are sent, found and cancelled, with all they carry', async () => {
  const { admin, engine } = await connected()
  const full = spec({
    id: 'one',
    priority: 'high',
    delayMs: 60_000,
    key: 'k',
    tenant: 't',
    dedupe: { mode: 'window', windowMs: 5_000 },
  })
  expect(await engine.send([full, spec({ id: 'two', dedupe: { mode: 'queued' }, key: 'l' }), full])).toEqual([
    { id: 'one', duplicate: false },
    { id: 'two', duplicate: false },
    { id: 'one', duplicate: true },
  ])
  expect(await engine.get('one')).toEqual(await admin.get('one'))
  expect(await engine.get('none')).toBeUndefined()
  expect(await engine.cancel('one')).toBe(true)
  expect(await engine.cancel('one')).toBe(false)
  const jobs = createProducer(engine)
  const { id } = await jobs.enqueue(defineJob<{ n: number }>({ name: 'count' }), { n: 1 })
  expect(await admin.get(id)).toMatchObject({ name: 'count', state: 'queued' })
})

test('queues are listed, counted, paused and resumed', async () => {
  const { engine } = await connected()
  await engine.send([spec(), spec({ delayMs: 60_000 }), spec({ queue: 'b' })])
  expect(await engine.queues()).toEqual(['b', 'email'])
  await engine.pause('email')
  expect(await engine.stats(['email', 'none'])).toMatchObject([
    { queue: 'email', ready: 1, delayed: 1, paused: true },
    { queue: 'none', ready: 0 },
  ])
  await engine.resume('email')
  expect(await engine.stats(['email'])).toMatchObject([{ paused: false }])
})

test('dead letters are listed in pages, redriven and discarded, by id and by queue', async () => {
  const { admin, engine } = await connected()
  await engine.send(['a', 'b', 'c', 'd'].map((id) => spec({ id })))
  await bury(admin)
  const page = await engine.deadLetters.list({ queue: 'email', limit: 3 })
  expect(page).toEqual(await admin.deadLetters.list({ queue: 'email', limit: 3 }))
  const rest = await engine.deadLetters.list({ limit: 3, ...(page.cursor !== undefined && { cursor: page.cursor }) })
  expect([page.items.length, rest.items.length, rest.cursor]).toEqual([3, 1, undefined])
  expect(await engine.deadLetters.redrive({ ids: ['a', 'x'] })).toBe(1)
  expect(await engine.deadLetters.discard({ ids: ['b'] })).toBe(1)
  expect(await engine.deadLetters.discard({ queue: 'email' })).toBe(2)
  expect(await engine.deadLetters.redrive({ queue: 'email' })).toBe(0)
})

test('errors arrive with the code and message that the engine gave them', async () => {
  const { engine } = await connected()
  await expect(engine.deadLetters.list({ cursor: 'no' })).rejects.toMatchObject({
    code: 'OPTION',
    message: expect.stringContaining('cursor "no"'),
  })
  await expect(engine.send([spec({ text: JSON.stringify('x'.repeat(1_000_001)) })])).rejects.toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
  })
})

test('what cannot go over the wire is refused before it goes', async () => {
  const { engine } = await connected()
  await expect(engine.send([spec()], { tx: {} })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  const large = Array.from({ length: 9 }, () => spec({ text: JSON.stringify('x'.repeat(900_000)) }))
  await expect(engine.send(large)).rejects.toMatchObject({ code: 'API_TOO_LARGE' })
})

test('addresses of other machines never get the token', async () => {
  for (const address of ['http://192.0.2.1:80', 'https://127.0.0.1:80', 'http://localhost:80', 'nonsense']) {
    await expect(connectApi(address, token)).rejects.toMatchObject({ code: 'OPTION' })
  }
})

test('a wrong token, a silent engine and one that is gone are told apart', async () => {
  const admin = createMemoryAdmin()
  const api = await serveApi(admin, { token })
  await expect(connectApi(api.address, 'wrong')).rejects.toMatchObject({ code: 'API_UNAUTHORIZED' })
  await api[Symbol.asyncDispose]()
  await expect(connectApi(api.address, token)).rejects.toMatchObject({ code: 'API_UNREACHABLE' })
  const silent = createServer((socket) => onTestFinished(() => void socket.destroy()))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as AddressInfo
  await expect(connectApi(`http://127.0.0.1:${port}`, token, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'API_TIMEOUT',
  })
})

test('an answer that is cut off is told', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"result":'
  const cutting = createServer((socket) => socket.on('error', () => {}).end(head))
  await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void cutting.close())
  const { port } = cutting.address() as AddressInfo
  await expect(connectApi(`http://127.0.0.1:${port}`, token)).rejects.toMatchObject({ code: 'API_UNREACHABLE' })
})

test('what answers and is no engine is told so', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await expect(connectApi(`http://127.0.0.1:${port}`, token)).rejects.toThrow(/no engine of isobar/)
})
