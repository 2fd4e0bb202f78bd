import { isolates } from '@isobar/adapters/node'
import { Hooks } from '@isobar/core/worker'
import { APPS, toIsolateOptions } from '../pool/open-executor.ts'
import { readCpuMs, readMemoryOf } from '../pool/processes.ts'

/** What this process prints: of isolates that were started, on average. */
export interface StartFigures {
  /** From the decision to start it until its app is loaded, in ms. */
  readonly ms: number
  /** CPU of the isolate until then, in ms. */
  readonly cpuMs: number
  /** Its resident memory then, in bytes. */
  readonly rss: number
}

const times = Number(process.argv[2])
const hooks = new Hooks()
const options = toIsolateOptions({ size: 1, concurrency: 10, jobs: 'never', spares: 0 })
await using pool = await isolates(APPS.plain, options, hooks)
const sum = { ms: 0, cpuMs: 0, rss: 0 }

for (let i = 0; i < times; i++) {
  // An isolate goes when its successor has loaded: that it goes tells when.
  const replaced = new Promise<void>((resolve) => {
    const remove = hooks.add('recycle', () => {
      remove()
      resolve()
    })
  })
  const startedAt = performance.now()
  pool.recycle()
  await replaced
  sum.ms += performance.now() - startedAt
  const successor = pool.health().pool?.isolates.find(({ state }) => state === 'spare' || state === 'active')
  sum.cpuMs += readCpuMs(successor?.pid ?? 0)
  sum.rss += readMemoryOf(successor?.pid ?? 0, 'now')
}
const figures: StartFigures = { ms: sum.ms / times, cpuMs: sum.cpuMs / times, rss: sum.rss / times }
process.stdout.write(JSON.stringify(figures))
