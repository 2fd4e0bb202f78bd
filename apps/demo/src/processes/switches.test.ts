import { beforeEach, expect, test } from 'vitest'
import { createSwitches } from './switches.ts'

let switches = { leak: { isOn: false }, outage: { isOn: false } }
let http = createSwitches(switches)
beforeEach(() => {
  switches = { leak: { isOn: false }, outage: { isOn: false } }
  http = createSwitches(switches)
})

const ORIGIN = 'http://127.0.0.1:8080'

async function send(method: string, path: string, body: string, headers: Record<string, string> = {}) {
  return http.request(`${ORIGIN}${path}`, { method, body, headers })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', origin: ORIGIN }

test.each(['leak', 'outage'] as const)('%s is read and put by programs', async (name) => {
  const answer = await send('PUT', `/${name}`, '{"isOn":true}')
  expect([answer.status, await answer.json()]).toEqual([200, { isOn: true }])
  expect(switches[name].isOn).toBe(true)
  expect(await (await http.request(`/${name}`)).json()).toEqual({ isOn: true })
  for (const body of ['{"isOn":1}', '', 'on']) expect((await send('PUT', `/${name}`, body)).status).toBe(400)
  expect(switches[name].isOn).toBe(true)
})

test.each(['leak', 'outage'] as const)(
  '%s is turned by a button of the page, which says how it stands',
  async (name) => {
    const page = async () => (await http.request('/switches')).text()
    const button = (isOn: boolean) => `action="/switches/${name}">\n<button name="isOn" value="${isOn}"`
    expect(await page()).toContain(button(true))
    const answer = await send('POST', `/switches/${name}`, 'isOn=true', FORM)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/switches'])
    expect(switches[name].isOn).toBe(true)
    expect(await page()).toContain(button(false))
    await send('POST', `/switches/${name}`, 'isOn=false', FORM)
    expect(switches[name].isOn).toBe(false)
  },
)

test('a form of another site turns nothing', async () => {
  const foreign = { ...FORM, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' }
  expect((await send('POST', '/switches/leak', 'isOn=true', foreign)).status).toBe(403)
  expect(switches.leak.isOn).toBe(false)
})

test('the page may load nothing from anywhere, and be in no frame', async () => {
  const { headers } = await http.request('/switches')
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/)
})
