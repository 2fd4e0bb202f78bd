import type { Fetcher } from '@cloudflare/workers-types'
import { toSender, toWorker } from '@isobar/adapters/cloudflare'
import { deadLetterConsumer, openDeadLetters } from '@isobar/adapters/cloudflare/dead-letters'
import { DEAD_QUEUE, type Env, QUEUE_BINDINGS } from '../cloudflare/env.ts'
import app from './app.ts'
import type { Identity, Report } from './identity.ts'
import { toOutcomes } from './outcomes.ts'
import { Records } from './records.ts'
import { createWaves } from './waves.ts'

/** What the Worker has: the platform's queues, a database for dead letters, and somebody who waits. */
interface WorkerEnv extends Omit<Env, 'BUCKET'> {
  /** Is told how far it has come, after each batch. */
  readonly WATCHER: Fetcher
}

/** How far the Worker has come. */
export interface Progress {
  readonly ended: number
  /** Dead letters that are kept. */
  readonly dead: number
}

/** Jobs that one `send` takes. */
const CHUNK = 100

declare const WebSocketPair: { readonly name: string }

const records = new Records(app)
let dead = 0

const senderOf = (env: WorkerEnv) => toSender<WorkerEnv>(QUEUE_BINDINGS, env)

const worker = toWorker<WorkerEnv>(app, {
  deadLetter: 'DLQ',
  queues: QUEUE_BINDINGS,
  consumers: { [DEAD_QUEUE]: deadLetterConsumer<WorkerEnv>({ database: 'DB' }) },
})

export default {
  async queue(...[batch, env, ctx]: Parameters<typeof worker.queue>): Promise<void> {
    await worker.queue(batch, env, ctx)
    if (batch.queue === DEAD_QUEUE) dead += batch.messages.length
    const progress: Progress = { ended: records.ended, dead }
    await env.WATCHER.fetch('http://watcher/', { method: 'POST', body: JSON.stringify(progress) })
  },
  /** `/send?jobs=1000&wave=0` sends a wave; everything else is answered with the report. */
  async fetch({ url }: { readonly url: string }, env: WorkerEnv): Promise<Response> {
    const { pathname, searchParams } = new URL(url)
    if (pathname !== '/send') return Response.json(await report(env))
    const wave = createWaves(Number(searchParams.get('jobs'))).waves[Number(searchParams.get('wave'))]
    const specs = wave?.specs ?? []
    for (let from = 0; from < specs.length; from += CHUNK) await senderOf(env).send(specs.slice(from, from + CHUNK))
    return Response.json({ sent: specs.length })
  },
}

async function report(env: WorkerEnv): Promise<Report> {
  const identity: Identity = { runtime: 'workerd', proof: `${navigator.userAgent} ${WebSocketPair.name}` }
  return { identity, outcomes: await toOutcomes(records, openDeadLetters(env.DB, senderOf(env))) }
}
