import { type Context, Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { z } from 'zod'
import { toSwitchPage } from './switch-page.ts'

/** Something that can be turned on and off. */
export interface Switch {
  isOn: boolean
}

/** What can be turned while the platform is served. */
export interface Switches {
  /** Sending keeps something of every job. */
  readonly leak: Switch
  /** Customers' endpoints are unavailable. */
  readonly outage: Switch
}

const wish = z.object({ isOn: z.boolean() })

/**
 * `/switches` for people, with a button for each; `/leak` and `/outage` for programs, which read `{ isOn }` and put another.
 * Other sites' pages can do neither: what they may send without being asked is a form, and those are told by their origin.
 */
export function createSwitches(switches: Switches): Hono {
  const http = new Hono()
  for (const [name, one] of Object.entries(switches) as [keyof Switches, Switch][]) {
    http.get(`/${name}`, (c) => c.json({ isOn: one.isOn }))
    http.put(`/${name}`, async (c) => {
      const wanted = wish.safeParse(await c.req.json().catch(() => undefined))
      if (!wanted.success) return c.json({ code: 'INVALID_DATA', error: 'send {"isOn":true} or {"isOn":false}' }, 400)
      one.isOn = wanted.data.isOn
      return c.json({ isOn: one.isOn })
    })
    http.post(`/switches/${name}`, csrf(), async (c) => {
      one.isOn = (await c.req.parseBody())['isOn'] === 'true'
      return c.redirect('/switches', 303)
    })
  }
  http.get('/switches', (c) => answerPage(c, switches))
  return http
}

function answerPage(c: Context, switches: Switches): Response | Promise<Response> {
  return c.html(toSwitchPage(switches), 200, {
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  })
}
