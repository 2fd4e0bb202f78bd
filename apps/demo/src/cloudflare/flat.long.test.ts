import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { D1Database, R2Bucket } from '@cloudflare/workers-types'
import { encodeEnvelope } from '@isobar/core/codec'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openHeapReader } from '../../test/cloudflare/heap-reader.ts'
import { migrate } from '../../test/cloudflare/local-bindings.ts'
import { wrangler } from '../../test/cloudflare/wrangler.ts'
import { createFolder } from '../../test/folder.ts'
import { createTrace, type TraceJob } from '../trace.ts'
import { seed } from './seed.ts'

/** Jobs that are read over, after those that warm up. */
const JOBS = 10_000
const WARM_UP = 2_000
const BATCH = 100
const READ_EVERY = 500

/** Bytes a job that the isolate may keep: the smallest object has 12. */
const BUDGET = 1

/** Without what the engine compiles and notes on the way: with it a clean handler seems to keep 4 to 6 bytes a job. */
const V8_FLAGS = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation']

const trace = createTrace({ jobs: WARM_UP + JOBS })

function toMessage({ id, name, queue, priority, data }: TraceJob) {
  const at = 1_900_000_000_000
  const body = encodeEnvelope({ id, name, queue, priority, enqueuedAt: at, dueAt: at, text: JSON.stringify(data) })
  return { id, timestamp: new Date(at), attempts: 1, body }
}

test('10,000 jobs through queue() of the deployed bundle leave the heap of its isolate as it was', async () => {
  const folder = await createFolder()
  onTestFinished(() => folder[Symbol.asyncDispose]())
  const printed = await wrangler('deploy', '--dry-run', '--outdir', folder.path)
  console.log(`the demo's bundle: ${/Total Upload.*/.exec(printed)?.[0]}`)
  vi.stubEnv('MINIFLARE_WORKERD_V8_FLAGS', V8_FLAGS.join(' '))
  onTestFinished(() => void vi.unstubAllEnvs())
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'demo',
      compatibilityDate: '2026-11-17',
      compatibilityFlags: ['nodejs_compat'],
      cf: false,
      inspectorPort: 0,
      defaultPersistRoot: folder.path,
      modules: [
        { type: 'ESModule', path: 'worker.js', contents: readFileSync(join(folder.path, 'worker.js'), 'utf8') },
      ],
      bindings: { MAIL: 'dry' },
      d1Databases: { DB: 'db' },
      r2Buckets: { BUCKET: 'bucket' },
      queueProducers: Object.fromEntries(
        ['PROCESSING_HIGH', 'PROCESSING', 'PROCESSING_LOW', 'SENDING_HIGH', 'SENDING', 'SENDING_LOW', 'WARMUP']
          .concat('BOUNCE', 'ANALYTICS', 'WEBHOOK', 'INVOICE', 'IMPORT', 'DLQ')
          .map((name) => [name, name.toLowerCase().replaceAll('_', '-')]),
      ),
    }),
  )
  onTestFinished(() => miniflare.dispose())
  const database = (await miniflare.getD1Database('DB')) as unknown as D1Database
  await migrate(database)
  await seed(database, (await miniflare.getR2Bucket('BUCKET')) as unknown as R2Bucket)
  const worker = await miniflare.getWorker('demo')
  using heap = await openHeapReader(miniflare, 'demo', () => worker.queue('nothing', []))

  const readings: { readonly jobs: number; readonly bytes: number }[] = []
  let from = 0
  const run = async (jobs: number): Promise<void> => {
    for (const until = from + jobs; from < until; from += BATCH) {
      const messages = Array.from({ length: BATCH }, (_, at) => toMessage(trace.at(from + at)))
      const { outcome, explicitAcks, retryMessages } = await worker.queue('email-sending', messages)
      // Endpoints that are unavailable at first are to be asked again.
      expect([outcome, explicitAcks.length + retryMessages.length]).toEqual(['ok', BATCH])
    }
  }
  await run(WARM_UP)
  const startedAt = performance.now()
  for (let jobs = 0; jobs <= JOBS; jobs += READ_EVERY) {
    if (jobs > 0) await run(READ_EVERY)
    readings.push({ jobs, bytes: await heap.read() })
  }
  const ms = (performance.now() - startedAt) / JOBS
  const slope = theilSen(readings)
  const list = readings.map(({ bytes }) => (bytes / 1_000).toFixed(1)).join(' ')
  console.log(
    `${slope.toFixed(2)} bytes a job kept, ${ms.toFixed(2)} ms a job; KB of heap every ${READ_EVERY} jobs: ${list}`,
  )
  expect(Math.abs(slope)).toBeLessThanOrEqual(BUDGET)
}, 300_000)

/** The median of the slopes between all pairs of readings, in bytes a job. (H. Theil, 1950; P. K. Sen, 1968.) */
function theilSen(readings: readonly { readonly jobs: number; readonly bytes: number }[]): number {
  const slopes = readings.flatMap((a, at) => readings.slice(at + 1).map((b) => (b.bytes - a.bytes) / (b.jobs - a.jobs)))
  slopes.sort((a, b) => a - b)
  return slopes[Math.floor(slopes.length / 2)] ?? Number.NaN
}
