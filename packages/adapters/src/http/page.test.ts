import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { openMonitor } from '../../test/http/open-monitor.ts'
import { createHttp } from './create-http.ts'
import { dashboardAssets } from './dashboard/assets.ts'

const open = async () => {
  const { monitor } = await openMonitor()
  const http = createHttp(monitor)
  return { http, mounted: new Hono().route('/tools/isobar', http) }
}

test('every file of the dashboard is served with its type, and nothing that it did not bring may run in it', async () => {
  const { http, mounted } = await open()
  const served = [...dashboardAssets].map(([name, asset]) => [name, asset] as const)
  for (const [name, { type, body }] of [...served, ['', dashboardAssets.get('index.html')] as const].filter(
    (entry): entry is [string, NonNullable<(typeof entry)[1]>] => entry[1] !== undefined,
  )) {
    for (const response of [await http.request(`/${name}`), await mounted.request(`/tools/isobar/${name}`)]) {
      expect([name, response.status, response.headers.get('content-type')]).toEqual([name, 200, type])
      expect(await response.text()).toBe(body)
      const { headers } = response
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      )
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*|https?:/)
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('cache-control')).toBe('no-cache')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  }
  expect(served.length).toBeGreaterThan(1)
})

test('a file that the browser has is not sent again', async () => {
  const { http } = await open()
  const { headers } = await http.request('/')
  const etag = headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[0-9a-f]{24}"$/)
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const response = await http.request('/', { headers: { 'if-none-match': known } })
    expect([known, response.status, await response.text()]).toEqual([known, 304, ''])
    expect(response.headers.get('etag')).toBe(etag)
  }
  expect((await http.request('/', { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  const tags = await Promise.all(
    [...dashboardAssets.keys()].map(async (name) => (await http.request(`/${name}`)).headers.get('etag')),
  )
  expect(new Set(tags).size).toBe(dashboardAssets.size)
})

test('the mount without its slash leads to the page, as links in it are relative', async () => {
  const { mounted } = await open()
  const response = await mounted.request('/tools/isobar?x=1')
  expect([response.status, response.headers.get('location')]).toEqual([308, './isobar/'])
  expect(new URL('./isobar/', 'http://localhost/tools/isobar').pathname).toBe('/tools/isobar/')
  expect((await mounted.request('/tools/isobar/x/')).status).toBe(404)
  const anywhere = new Hono().route('/:tenant/isobar', (await open()).http)
  expect((await anywhere.request('/acme/isobar/')).headers.get('content-type')).toBe('text/html; charset=utf-8')
})

test('without the dashboard there is none', async () => {
  const { monitor } = await openMonitor()
  const http = createHttp(monitor, { dashboard: false })
  expect((await http.request('/')).status).toBe(404)
  expect((await http.request('/dashboard.js')).status).toBe(404)
  expect((await http.request('/api/health')).status).toBe(200)
})
