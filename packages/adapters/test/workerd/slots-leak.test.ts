import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { childrenOf } from '../processes.ts'
import { toJobMessage } from './messages.ts'
import { bundleWorker, openWorkerd, type Workerd } from './open-workerd.ts'

const MAIN = new URL('./fixtures/slots-main.ts', import.meta.url)
const SLOT = new URL('./fixtures/slots-slot.ts', import.meta.url)

/** Jobs of a batch, as many as the platform delivers at once. */
const BATCH = 100

async function open(options: Record<string, unknown>): Promise<Workerd> {
  return openWorkerd(MAIN, {
    workerLoaders: { LOADER: {} },
    queueProducers: { JOBS: 'jobs', DLQ: 'dead', TOLD: 'told' },
    bindings: { CODE: await bundleWorker(SLOT), OPTIONS: { bindings: [], ...options } },
  })
}

/** RSS of this process's workerd, in MB. */
function workerdRss(): number {
  const workerd = childrenOf(process.pid).find(({ command }) => command.includes('workerd'))
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${workerd?.pid}/status`, 'utf8')) ?? []
  return Number(kb) / 1_000
}

/** Runs jobs in batches; answers how long one took, in ms, and counts what was told by kind. */
async function run({ dispatch, ask }: Workerd, jobs: number, data: object, each: () => void = () => {}) {
  const kinds: Record<string, number> = {}
  const startedAt = performance.now()
  for (let done = 0; done < jobs; done += BATCH) {
    const { outcome } = await dispatch(
      'any',
      Array.from({ length: Math.min(BATCH, jobs - done) }, () => toJobMessage(data)),
    )
    expect(outcome).toBe('ok')
    each()
  }
  const ms = (performance.now() - startedAt) / jobs
  for (const { kind } of await ask<{ kind: string }[]>('/told')) kinds[kind] = (kinds[kind] ?? 0) + 1
  return { ms, kinds }
}

test('a handler that leaks 160 KB a job: 5,000 jobs leave the process bounded, without an error', async () => {
  const workerd = await open({ jobs: 100, size: 4 })
  await run(workerd, 400, { do: 'ok' })
  const before = workerdRss()
  let peak = 0
  const { ms, kinds } = await run(workerd, 5_000, { do: 'leak', ms: 160_000 }, () => {
    peak = Math.max(peak, workerdRss())
  })
  console.log(
    `slots, 160 KB leaked a job: ${ms.toFixed(2)} ms a job, RSS ${before.toFixed(0)} MB before, at most ${peak.toFixed(0)}, ${workerdRss().toFixed(0)} after 5,000 jobs`,
  )
  expect(kinds).toEqual({ ack: 5_000 })
  // Unbounded it would be 800 MB more. Four slots of 100 jobs hold 64 MB, and as much again until it is collected.
  expect(peak - before).toBeLessThan(300)
})

test('a fresh isolate a job: what it costs', async () => {
  const warm = await open({ size: 4 })
  await run(warm, 200, { do: 'ok' })
  const { ms: inSlot } = await run(warm, 1_000, { do: 'ok' })
  const fresh = await open({ jobs: 1 })
  await run(fresh, 20, { do: 'ok' })
  const { ms, kinds } = await run(fresh, 100, { do: 'ok' })
  console.log(`a job that does nothing: ${inSlot.toFixed(2)} ms in a slot, ${ms.toFixed(2)} ms in a fresh isolate`)
  expect(kinds).toEqual({ ack: 100 })
})
