import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
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
    expect(platform.leak.isOn).toBe(true)
  } finally {
    await platform.stop()
  }
  await platform.stop()
  expect(stops).toBe(1)
  await expect(fetch(`${platform.url}/healthz`)).rejects.toThrow('fetch failed')
}, 60_000)

test('a port that is taken is told, and nothing is left running', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  try {
    const { port } = taken.address() as AddressInfo
    let stops = 0
    const serving = servePlatform({ ...OPTIONS, serve: { rate: 1, port } }, { signals: false, onStop: () => stops++ })
    await expect(serving).rejects.toThrow(DemoOptionError)
    expect(stops).toBe(1)
  } finally {
    taken.close()
  }
}, 60_000)
