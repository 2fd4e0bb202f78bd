import { Hono } from 'hono'
import type { LeakSwitch } from '../leak-switch.ts'
import type { OfficeDatabase } from '../office.ts'
import type { ContentStore, MailDatabase } from '../resources.ts'
import type { Tables } from './providers.ts'

/** What isolates may ask of the tables of mail: all there is. */
export const MAIL_CALLS = [
  ...(['campaign', 'template', 'saveMessage', 'message', 'saveDelivery', 'delivery'] as const),
  ...(['recordBounce', 'bounces', 'suppress', 'suppression'] as const),
] satisfies readonly (keyof MailDatabase)[]

/** And of those besides mail. */
export const OFFICE_CALLS = [
  ...(['warmUpPlan', 'saveWarmUp', 'warmUp', 'saveOpen', 'aggregate', 'figures'] as const),
  ...(['saveContacts', 'contact', 'saveRejectedRows', 'rejectedRows'] as const),
] satisfies readonly (keyof OfficeDatabase)[]

/** What the back office has. */
export interface BackOffice {
  readonly tables: Tables
  readonly store: ContentStore
  readonly leak: LeakSwitch
  /** What callers must have. */
  readonly token: string
}

type Call = (...args: unknown[]) => Promise<unknown>

/**
 * The platform's tables and contents over HTTP, for isolates: an embedded engine belongs to one process, and what one
 * isolate keeps another must find. On loopback, and for those who have the token.
 */
export function createBackOffice({ tables, store, leak, token }: BackOffice): Hono {
  const office = new Hono()
  office.use(async (c, next) => {
    if (c.req.header('authorization') !== `Bearer ${token}`) return c.body(null, 401)
    return next()
  })
  office.onError((error, c) => c.text(error.message, 500))
  for (const [name, table, calls] of [
    ['mail', tables.database, MAIL_CALLS],
    ['office', tables.office, OFFICE_CALLS],
  ] as const) {
    for (const method of calls) {
      office.post(`/${name}/${method}`, async (c) => {
        const call = (table as unknown as Record<string, Call>)[method] as Call
        const answer = await call.apply(table, await c.req.json<unknown[]>())
        return answer === undefined ? c.body(null, 204) : c.json(answer as object)
      })
    }
  }
  office.get('/leak', (c) => c.json({ isOn: leak.isOn }))
  office.get('/objects/:key/head', async (c) => {
    const object = await store.head(c.req.param('key'))
    return object ? c.json(object) : c.body(null, 404)
  })
  office.get('/objects/:key', async (c) => {
    const stream = await store.open(c.req.param('key'))
    return stream ? c.body(stream) : c.body(null, 404)
  })
  office.put('/objects/:key', async (c) => {
    const contentType = c.req.header('content-type') ?? 'application/octet-stream'
    const expiresAt = Number(c.req.header('x-expires-at'))
    const body = c.req.raw.body ?? new Uint8Array()
    return c.json(await store.put(c.req.param('key'), body, { contentType, expiresAt }))
  })
  return office
}
