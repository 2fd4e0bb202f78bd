import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  DeadLetterItem,
  DeadLettersAnswer,
  HealthAnswer,
  JobAnswer,
  LivePoint,
  QueuesAnswer,
} from '../../src/http/contract.ts'
import { dashboardAssets } from '../../src/http/dashboard/assets.ts'
import { CONTENT_SECURITY_POLICY } from '../../src/http/page.ts'
import { STARTED_AT, scriptedPoint } from './scripted-points.ts'

/** What the scripted server can, and lets its visitor do. */
export interface Script {
  /** Points that are there already. */
  readonly points: number
  readonly may: HealthAnswer['may']
  readonly can: HealthAnswer['can']
  /** Dead letters at the start. */
  readonly letters: number
}

export const ALL_OF_IT: Script = {
  points: 700,
  may: { write: true, payloads: true },
  can: { deadLetter: true, lookup: true, pause: true, stats: true },
  letters: 45,
}

/**
 * A server that answers the API of the dashboard from a script, over real HTTP: to see the page in states that a real
 * worker would take an hour to get into. Points come when told to.
 */
export class ScriptedServer implements AsyncDisposable {
  readonly #script: Script
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #streams = new Set<ServerResponse>()
  readonly #points: LivePoint[] = []
  #letters: DeadLetterItem[]
  #paused = false
  #canceled = false
  /** Requests that changed something: path and body. */
  readonly changes: string[] = []
  #onStream: () => void = () => {}
  /** True: refuses everything under `api/`. */
  down = false

  constructor(script: Script = ALL_OF_IT) {
    this.#script = script
    for (let second = 0; second < script.points; second++) this.#points.push(scriptedPoint(second))
    this.#letters = Array.from({ length: script.letters }, (_, index) => scriptedLetter(index))
  }

  /** Starts it; answers where the page is. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ops/isobar/`
  }

  /** Waits until a page listens. */
  async untilStream(): Promise<void> {
    if (this.#streams.size === 0) await new Promise<void>((resolve) => (this.#onStream = resolve))
  }

  /** A second passes, or several, of which only the last is told. */
  tick(seconds = 1): void {
    const last = this.#points.at(-1)
    const point = scriptedPoint(last ? (last.at - STARTED_AT) / 1_000 + seconds : 0)
    this.#points.push(point)
    if (this.#points.length > 900) this.#points.shift()
    for (const stream of this.#streams) stream.write(`event: point\ndata: ${JSON.stringify(point)}\n\n`)
  }

  /** Ends all streams, as a restart does. */
  hangUp(): void {
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const path = url.pathname.replace('/ops/isobar/', '')
    const asset = dashboardAssets.get(path === '' ? 'index.html' : path)
    if (asset) {
      response.writeHead(200, { 'content-type': asset.type, 'content-security-policy': CONTENT_SECURITY_POLICY })
      response.end(asset.body)
      return
    }
    if (this.down) {
      response.writeHead(503).end()
      return
    }
    if (path === 'api/live') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      this.#streams.add(response)
      this.#onStream()
      request.on('close', () => this.#streams.delete(response))
      return
    }
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = request.method === 'POST' ? this.#change(path, body, request) : this.#read(path, url.searchParams)
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? { error: { code: 'NOT_FOUND', message: 'there is no such job' } }))
  }

  #read(path: string, query: URLSearchParams): unknown {
    const last = this.#points.at(-1) ?? scriptedPoint(0)
    if (path === 'api/history') return { points: this.#points }
    if (path === 'api/health') return scriptedHealth(last, this.#script)
    if (path === 'api/queues') {
      return {
        queues: last.queues.map(([queue, ready, delayed, active, dead, oldestAgeMs, paused]) => ({
          ...{ queue, ready, delayed, active, dead, oldestAgeMs },
          paused: queue === 'email-sending' ? this.#paused : paused === 1,
        })),
      } satisfies QueuesAnswer
    }
    if (path === 'api/dead-letters') {
      const of = this.#letters.filter(({ queue }) => !query.get('queue') || queue === query.get('queue'))
      const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit'))]
      const full = query.get('payload') === 'full'
      const items = of.slice(from, from + limit).map((item) => (full ? { ...item, payload: FULL } : item))
      return { items, cursor: from + limit < of.length ? String(from + limit) : null } satisfies DeadLettersAnswer
    }
    if (path === 'api/jobs/42')
      return { job: { ...JOB, state: this.#canceled ? 'canceled' : 'running' } } satisfies JobAnswer
    return undefined
  }

  #change(path: string, body: string, { headers }: IncomingMessage): unknown {
    if (headers['x-isobar'] !== '1' || headers['content-type'] !== 'application/json') return undefined
    this.changes.push(`${path} ${body}`)
    if (path === 'api/jobs/42/cancel') this.#canceled = true
    if (path === 'api/queues/email-sending/pause') this.#paused = true
    if (path === 'api/queues/email-sending/resume') this.#paused = false
    if (!path.startsWith('api/dead-letters/')) return { done: true }
    const { ids, queue } = JSON.parse(body) as { ids?: string[]; queue?: string }
    const before = this.#letters.length
    this.#letters = this.#letters.filter((item) => !(ids?.includes(item.id) || item.queue === queue))
    return { count: before - this.#letters.length }
  }
}

const FULL: DeadLetterItem['payload'] = {
  text: JSON.stringify({ to: 'ann@example.org', order: 42, lines: ['one', 'two'] }),
  redacted: false,
  bytes: 61,
}

function scriptedLetter(index: number): DeadLetterItem {
  const message = ['550 mailbox unavailable', 'connect ETIMEDOUT 192.0.2.10:587', 'row 1204: no such column "emial"']
  return {
    id: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
    name: ['email.send', 'email.incoming', 'csv.import'][index % 3] as string,
    queue: ['email-sending', 'email:processing', 'bulk'][index % 3] as string,
    priority: 'normal',
    reason: (['exhausted', 'unrecoverable', 'crashed'] as const)[index % 3] as 'exhausted',
    error: {
      name: 'SmtpError',
      message: message[index % 3] as string,
      code: 'EENVELOPE',
      stack: `SmtpError: ${message[index % 3]}\n    at send (file:///app/smtp.ts:41:9)\n    at run (file:///app/jobs.ts:12:3)`,
    },
    attempts: 5,
    crashes: 0,
    enqueuedAt: STARTED_AT - 3_600_000 - index * 60_000,
    diedAt: STARTED_AT - index * 60_000,
    redrives: 0,
    tenant: 'acme',
    payload: {
      text: JSON.stringify({ to: 'string', order: 'number', lines: ['string', 'string'] }),
      redacted: true,
      bytes: 61,
    },
  }
}

const JOB: Omit<JobAnswer['job'], 'state'> = {
  id: '42',
  name: 'csv.import',
  queue: 'bulk',
  priority: 'normal',
  attempt: 2,
  crashes: 0,
  enqueuedAt: STARTED_AT,
  dueAt: STARTED_AT,
  workerId: 'mail-1',
  progress: { rows: 1_204 },
  error: { name: 'Error', message: 'row 1204', stack: 'Error: row 1204\n    at file:///app/csv.ts:9:1' },
}

function scriptedHealth(last: LivePoint, { may, can }: Script): HealthAnswer {
  const uptimeMs = last.at - STARTED_AT
  return {
    health: {
      id: 'mail-1',
      state: 'running',
      healthy: true,
      startedAt: STARTED_AT,
      uptimeMs,
      queues: last.queues.map(([queue]) => queue),
      buffered: last.buffered,
      running: last.running,
      settling: 3,
      counts: { done: 80 * (uptimeMs / 1_000), retried: 240, dead: 17, released: 3, lost: 0 },
      duration: { mean: 14, p50: 11, p99: 150 },
      lastHeartbeatAt: last.at,
      queueFigures: undefined,
      memory: { total: 61e6, heapUsed: 50e6, external: 4e6, arrayBuffers: 1e6, rss: 104e6, limit: 1e9, at: last.at },
      leaks: [],
      executor: {
        size: 20,
        running: last.running,
        abandoned: 0,
        healthy: true,
        pool: {
          isolates: [
            ...last.slots.map(([slot, total, rss, limit, jobs]) => ({
              ...{ slot, pid: 4_100 + slot, state: 'active' as const, ageMs: jobs * 25, jobs, held: 10 },
              memory: {
                ...{ total, rss, limit: limit ?? undefined, at: last.at },
                ...{ heapUsed: total, external: 0, arrayBuffers: 0 },
              },
            })),
            { slot: undefined, pid: 4_107, state: 'spare', ageMs: 4_000, jobs: 0, held: 0, memory: undefined },
          ],
          wanted: 2,
          memoryLimit: 256e6,
          recycles: { memory: 7, jobs: 0, age: 0, limit: 1, crash: 1, hang: 0, abandoned: 0, scale: 0, asked: 0 },
          failedStarts: 0,
          lastGapMs: 12,
          pauses: last.slots.flatMap(([slot]) => [
            { slot, kind: 'minor', counts: [], boundsMs: [], ms: (uptimeMs / 1_000) * (2 + slot) },
            { slot, kind: 'major', counts: [], boundsMs: [], ms: (uptimeMs / 1_000) * 0.5 },
          ]),
          leaks: [],
        },
      },
    },
    desired: 2,
    may,
    can,
    broker: 'postgres',
  }
}
