import { type AnyJobType, InvalidDataError, IsobarError, type Priority } from '@isobar/core'
import type { Producer } from '@isobar/core/producer'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import {
  aggregateDay,
  bounceEmail,
  deliverWebhook,
  id,
  importContacts,
  incomingEmail,
  renderInvoice,
  sendEmail,
  sendRecipient,
  warmUpAccount,
} from './jobs.ts'
import { type LanedQueue, toQueue } from './queues.ts'
import type { ContentStore } from './resources.ts'

/** Largest request, in bytes. */
export const MAX_REQUEST_BYTES: number = 1024 * 1024

/** Recipients that one request enqueues at most. */
export const MAX_RECIPIENTS = 1_000

/** How long an uploaded file is kept, in ms: until its import is done, and done once more. */
const UPLOAD_MS = 7 * 86_400_000

/** Where a job of each type is asked for. */
const PATHS: Readonly<Record<string, AnyJobType>> = {
  '/emails': incomingEmail,
  '/bounces': bounceEmail,
  '/warm-ups': warmUpAccount,
  '/figures': aggregateDay,
  '/webhooks': deliverWebhook,
  '/invoices': renderInvoice,
}

/** The priorities. */
const PRIORITIES: Readonly<Record<Priority, true>> = { high: true, normal: true, low: true }

/** Queues that have one for each priority. */
const LANED: ReadonlySet<string> = new Set<LanedQueue>(['email:processing', 'email-sending'])

/** What `createApi` is told: by request, as some platforms tell their bindings only then. */
export interface ApiOptions<Env extends object> {
  producer(env: Env): Producer
  /** Where uploaded files go. */
  store(env: Env): ContentStore
}

/** Whom a campaign is sent to. */
const campaignSend = z.object({
  tenant: id,
  /** Default: the campaign's own. */
  template: id.optional(),
  recipients: z.array(sendRecipient).min(1).max(MAX_RECIPIENTS),
})

/**
 * The platform's HTTP API, for whoever enqueues: a job for a POST, answered with 202 and its id; `GET /jobs/:id` tells
 * where it stands. Data are checked by the job types' schemas: what they refuse is 400, with the issues. Anybody may ask;
 * mount it behind what knows who asks.
 */
export function createApi<Env extends object>({ producer, store }: ApiOptions<Env>): Hono<{ Bindings: Env }> {
  const api = new Hono<{ Bindings: Env }>()
  api.use(bodyLimit({ maxSize: MAX_REQUEST_BYTES, onError: () => new Response(null, { status: 413 }) }))
  api.onError((error, c) => toAnswer(error, c))

  for (const [path, type] of Object.entries(PATHS)) {
    api.post(path, async (c) => {
      const enqueued = await producer(c.env).enqueue(type, await readJson(c), toOptions(c, type))
      return c.json(enqueued, 202, { location: toLocation(enqueued.id) })
    })
  }
  api.post('/campaigns/:id/send', async (c) => {
    const campaign = c.req.param('id')
    const checked = campaignSend.safeParse(await readJson(c))
    if (!checked.success) return refuse(c, toIssues(checked.error))
    const { tenant, template = campaign, recipients } = checked.data
    const data = recipients.map((recipient) => ({ tenant, campaign, template, ...recipient }))
    const jobs = await producer(c.env).enqueueMany(sendEmail, data, toOptions(c, sendEmail))
    return c.json({ jobs }, 202)
  })
  api.post('/imports', async (c) => {
    const data = isOfType(c, 'text/csv') ? await keepUpload(c, store(c.env)) : await readJson(c)
    if (data instanceof Response) return data
    const enqueued = await producer(c.env).enqueue(importContacts, data as never)
    return c.json(enqueued, 202, { location: toLocation(enqueued.id) })
  })
  api.get('/jobs/:id', async (c) => {
    const job = await producer(c.env).get(c.req.param('id'))
    return job ? c.json(job) : c.json({ code: 'NO_JOB', error: 'no such job is known, or not any more' }, 404)
  })
  return api
}

/** A file of contacts as the body of the request, kept for its import. */
async function keepUpload(c: Context, store: ContentStore): Promise<Response | { tenant: string; key: string }> {
  const tenant = id.safeParse(c.req.query('tenant'))
  if (!tenant.success) return refuse(c, ['tenant: say in the query whose contacts these are'])
  const key = `uploads/${tenant.data}/${crypto.randomUUID()}.csv`
  const content = new Uint8Array(await c.req.arrayBuffer())
  await store.put(key, content, { contentType: 'text/csv', expiresAt: Date.now() + UPLOAD_MS })
  return { tenant: tenant.data, key }
}

/** A body in JSON, and said to be: forms of other sites can send no such thing unasked. */
async function readJson(c: Context): Promise<unknown> {
  if (!isOfType(c, 'application/json')) throw new HTTPException(415, { message: 'send application/json' })
  try {
    return await c.req.json()
  } catch (cause) {
    if (cause instanceof HTTPException || !(cause instanceof SyntaxError)) throw cause
    throw new HTTPException(400, { message: 'the body is not JSON', cause })
  }
}

function isOfType(c: Context, type: string): boolean {
  return c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() === type
}

/** `?priority=high`: a priority, and the queue for it where there is one. */
function toOptions(c: Context, { queue }: AnyJobType): { priority?: Priority; queue?: string } {
  const priority = c.req.query('priority')
  if (priority === undefined) return {}
  if (!isPriority(priority))
    throw new HTTPException(400, { message: `priority is one of ${Object.keys(PRIORITIES).join(', ')}` })
  return { priority, ...(LANED.has(queue) && { queue: toQueue(queue as LanedQueue, priority) }) }
}

function isPriority(text: string): text is Priority {
  return Object.hasOwn(PRIORITIES, text)
}

function toLocation(job: string): string {
  return `/jobs/${encodeURIComponent(job)}`
}

function toIssues({ issues }: z.ZodError): string[] {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

function refuse(c: Context, issues: readonly string[]): Response {
  return c.json({ code: 'INVALID_DATA', error: 'the data are not valid', issues }, 400)
}

/** What is wrong with the request, by the error's code; anything else failed behind the API. */
function toAnswer(error: unknown, c: Context): Response {
  if (error instanceof HTTPException) return c.json({ code: 'REQUEST', error: error.message }, error.status)
  if (error instanceof InvalidDataError) return refuse(c, error.issues)
  if (error instanceof IsobarError) {
    const { code, message } = error
    if (code === 'PAYLOAD_TOO_LARGE' || code === 'CONTENT_TOO_LARGE') return c.json({ code, error: message }, 413)
    if (code === 'UNSUPPORTED') return c.json({ code, error: message }, 501)
    if (code === 'OPTION') return c.json({ code, error: message }, 400)
  }
  console.error('isobar demo: a request failed', error)
  return c.json({ code: 'FAILED', error: 'it failed; see the log' }, 500)
}
