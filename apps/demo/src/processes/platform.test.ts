import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
import { toPostgres } from './place.ts'
import { type Platform, type ServeOptions, servePlatform } from './platform.ts'

const OPTIONS: Omit<ServeOptions, 'serve'> = {
  ...{ place: { kind: 'memory' }, jobs: undefined, seed: 1, concurrency: 8, fresh: false, leak: false },
}

async function ask(platform: Platform, path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const headers = { 'content-type': 'application/json' }
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) }
  const answer = await fetch(`${platform.url}${path}`, init)
  const text = await answer.text()
  return { status: answer.status, json: text.startsWith('{') ? JSON.parse(text) : text }
}

test('traffic without end through isolates, with the API, the dashboard and a switch that isolates follow', async () => {
  let stops = 0
  const options = { ...OPTIONS, serve: { rate: 40, port: 0 } }
  const platform = await servePlatform(options, { signals: false, onStop: () => stops++ })
  try {
    const counts = () => platform.server.worker.health().counts
    const invoice = { tenant: 'acme', month: '2031-03', lines: [{ text: 'x', quantity: 2, unitCents: 50 }] }
    const { status, json } = await ask(platform, '/invoices', invoice)
    expect(status).toBe(202)
    const job = async () => (await ask(platform, `/jobs/${json.id}`)).json
    await expect.poll(job, { timeout: 20_000 }).toMatchObject({
      state: 'done',
      result: { key: 'invoices/acme/2031-03.pdf', totalCents: 100 },
    })
    await expect.poll(() => counts().done, { timeout: 20_000 }).toBeGreaterThan(60)
    await expect.poll(() => counts().dead, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(platform.fed).toBeGreaterThan(60)

    expect(await ask(platform, '/')).toMatchObject({ status: 200, json: expect.stringContaining('<title>isobar') })
    expect(await ask(platform, '/api/health')).toMatchObject({ status: 200, json: { may: { write: true } } })
    expect(await ask(platform, '/healthz')).toMatchObject({ status: 200 })
    expect(await ask(platform, '/leak', { isOn: true }, 'PUT')).toEqual({ status: 200, json: { isOn: true } })
    expect(await ask(platform, '/leak', { isOn: 1 }, 'PUT')).toMatchObject({ status: 400 })
    expect(await ask(platform, '/leak')).toEqual({ status: 200, json: { isOn: true } })
    expect(platform.switches).toEqual({ leak: { isOn: true }, outage: { isOn: false } })
  } finally {
    await platform.stop()
  }
  await platform.stop()
  expect(stops).toBe(1)
  await expect(fetch(`${platform.url}/healthz`)).rejects.toThrow('fetch failed')
}, 60_000)

test('a port that is taken is told at once, with what to do, and nothing is started', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  try {
    const { port } = taken.address() as AddressInfo
    const urls: string[] = []
    const place = { kind: 'embedded', folder: '/nowhere/that/can/be/made' } as const
    const serving = servePlatform(
      { ...OPTIONS, place, serve: { rate: 1, port } },
      { signals: false, onListen: (url) => urls.push(url) },
    )
    await expect(serving).rejects.toThrow(DemoOptionError)
    await expect(serving).rejects.toThrow(
      `port ${port} of 127.0.0.1 is taken by another process; name another one with --port`,
    )
    expect(urls).toEqual([])
  } finally {
    taken.close()
  }
})

test('before the engine is there programs are told to come back, and pages come with it', async () => {
  const asked = Promise.withResolvers<readonly [health: Response, page: Response]>()
  const onListen = (url: string): void => asked.resolve(Promise.all([fetch(`${url}/healthz`), fetch(url)]))
  const platform = await servePlatform({ ...OPTIONS, serve: { rate: 1, port: 0 } }, { signals: false, onListen })
  try {
    const [health, page] = await asked.promise
    expect([health.status, await health.json()]).toMatchObject([503, { code: 'STARTING' }])
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>isobar')])
    expect((await fetch(`${platform.url}/healthz`)).status).toBe(200)
  } finally {
    await platform.stop()
  }
}, 60_000)

test('where there is no engine, nobody who has asked is left waiting', async () => {
  const page = Promise.withResolvers<unknown>()
  const onListen = (url: string): void => void fetch(url).then(page.resolve, page.resolve)
  // Nobody listens there.
  const place = toPostgres('postgres://127.0.0.1:9/none', 'demo')
  const serving = servePlatform({ ...OPTIONS, place, serve: { rate: 1, port: 0 } }, { signals: false, onListen })
  await expect(serving).rejects.toThrow('127.0.0.1:9')
  expect(await page.promise).toBeInstanceOf(TypeError)
})
