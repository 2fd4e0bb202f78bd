import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, Response } from 'miniflare'
import { QUEUE_BINDINGS } from '../../src/cloudflare/env.ts'
import type { Report } from '../../src/everywhere/identity.ts'
import { createWaves, type Wave } from '../../src/everywhere/waves.ts'
import type { Progress } from '../../src/everywhere/workerd.ts'
import { wrangler } from '../cloudflare/wrangler.ts'
import { createFolder } from '../folder.ts'

/** What the local queues are asked for: batches as soon as there are messages, and never to give one up. */
const CONSUMER = { maxBatchSize: 100, maxBatchTimeout: 0.05, maxRetries: 100 }

/** The platform's queues, by their bindings, under the names that `wrangler.jsonc` gives them. */
const QUEUES = Object.fromEntries(
  [...Object.values(QUEUE_BINDINGS), 'DLQ'].map((binding) => [binding, toQueueName(String(binding))]),
)

/** Runs jobs in workerd, as the bundle that would be deployed, through real local queues. */
export async function runInWorkerd(jobs: number): Promise<Report> {
  await using folder = await createFolder()
  await wrangler('deploy', 'src/everywhere/workerd.ts', '--dry-run', '--outdir', folder.path)
  const contents = readFileSync(join(folder.path, 'workerd.js'), 'utf8')
  let progress: Progress = { ended: 0, dead: 0 }
  let onProgress = (): void => {}
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      name: 'everywhere',
      compatibilityDate: '2026-11-17',
      compatibilityFlags: ['nodejs_compat'],
      cf: false,
      defaultPersistRoot: folder.path,
      modules: [{ type: 'ESModule', path: 'worker.js', contents }],
      d1Databases: { DB: 'db' },
      queueProducers: QUEUES,
      queueConsumers: Object.fromEntries(Object.values(QUEUES).map((name) => [name, CONSUMER])),
      serviceBindings: {
        async WATCHER(request) {
          progress = (await request.json()) as Progress
          onProgress()
          return new Response()
        },
      },
    }),
  )
  const until = ({ ended, dead }: Wave): Promise<void> =>
    new Promise((resolve) => {
      onProgress = () => {
        if (progress.ended >= ended && progress.dead >= dead) resolve()
      }
      onProgress()
    })
  const ask = async (path: string): Promise<unknown> => {
    const answer = await miniflare.dispatchFetch(`http://worker${path}`)
    const said = await answer.text()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${said}`)
    return JSON.parse(said)
  }
  try {
    for (const [index, wave] of createWaves(jobs).waves.entries()) {
      await ask(`/send?jobs=${jobs}&wave=${index}`)
      await until(wave)
    }
    return (await ask('/report')) as Report
  } finally {
    await miniflare.dispose()
  }
}

function toQueueName(binding: string): string {
  return `isobar-demo-${binding === 'DLQ' ? 'dead' : binding.toLowerCase().replaceAll('_', '-')}`
}
