import { toSender } from '@isobar/adapters/cloudflare'
import { openDeadLetters } from '@isobar/adapters/cloudflare/dead-letters'
import { type DeadLetterSelection, IsobarError } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { Hono } from 'hono'
import { createApi } from '../api.ts'
import { createTrace, toJobSpec } from '../trace.ts'
import { type Env, QUEUE_BINDINGS } from './env.ts'
import { OUTBOX } from './outbox-mailer.ts'
import { R2Store } from './r2-store.ts'
import { readLedger } from './records.ts'
import { seed } from './seed.ts'

/** Jobs of the trace that one request enqueues at most. */
const MAX_TRACE = 1_000

/** Jobs that one `send` takes. */
const CHUNK = 100

const senderOf = (env: Env) => toSender<Env>(QUEUE_BINDINGS, env)
const lettersOf = (env: Env) => openDeadLetters(env.DB, senderOf(env))

/**
 * What the demo answers to requests. Anybody may ask: put it behind Cloudflare Access, or leave it out, where it is not a
 * demo.
 */
export const api: Hono<{ Bindings: Env }> = new Hono<{ Bindings: Env }>()
  // What enqueues, on every platform.
  .route(
    '/',
    createApi<Env>({
      producer: (env) => createProducer(senderOf(env)),
      store: (env) => new R2Store(env.BUCKET),
    }),
  )
  .get('/healthz', (c) => c.json({ ok: true }))
  .post('/seed', async (c) => {
    await seed(c.env.DB, c.env.BUCKET)
    return c.json({ ok: true })
  })
  // The first jobs of the trace, as an outside producer would send them: some are poison. They are the same each time.
  .post('/trace', async (c) => {
    const { jobs = 100 } = await c.req.json<{ jobs?: number }>()
    const trace = createTrace({ jobs: Math.min(Math.max(Math.trunc(jobs), 1), MAX_TRACE) })
    for (let from = 0; from < trace.jobs; from += CHUNK) {
      const size = Math.min(CHUNK, trace.jobs - from)
      await senderOf(c.env).send(Array.from({ length: size }, (_, at) => toJobSpec(trace.at(from + at))))
    }
    return c.json({ sent: trace.jobs, total: trace.jobs + trace.followUps, expected: trace.expected })
  })
  .get('/ledger', async (c) => c.json(await readLedger(c.env.DB)))
  .get('/mail', async (c) => {
    const { objects, truncated } = await c.env.BUCKET.list({ prefix: OUTBOX })
    return c.json({ messages: objects.map(({ key }) => key.slice(OUTBOX.length)), truncated })
  })
  .get('/mail/:id', async (c) => {
    const mail = await c.env.BUCKET.get(`${OUTBOX}${c.req.param('id')}`)
    return mail ? c.body(await mail.text(), 200, { 'content-type': 'message/rfc822' }) : c.notFound()
  })
  .get('/dead', async (c) => c.json(await lettersOf(c.env).list(c.req.query())))
  .post('/dead/redrive', async (c) => c.json(await lettersOf(c.env).redrive(await c.req.json<DeadLetterSelection>())))
  .post('/dead/discard', async (c) => c.json(await lettersOf(c.env).discard(await c.req.json<DeadLetterSelection>())))
  .onError((error, c) => {
    const known = error instanceof IsobarError
    if (!known) console.error('isobar demo: a request failed', error)
    return c.json(
      known ? { code: error.code, error: error.message } : { error: 'it failed; see the log' },
      known ? 400 : 500,
    )
  })
