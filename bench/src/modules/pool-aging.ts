import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { createWorker } from '@isobar/core/worker'
import { AGING_JOBS } from '../aging-record.ts'
import { link } from '../pool/job-types.ts'
import { openExecutor } from '../pool/open-executor.ts'
import { watchExecutor } from '../pool/watch-executor.ts'

/** Chains of jobs side by side, of which one runs at a time: the others wait in the isolate. */
const CHAINS = 100

const folder = mkdtempSync(join(tmpdir(), 'isobar-bench-aging-'))
const file = join(folder, 'aging.json')
process.env['BENCH_AGING'] = file
try {
  await age()
  process.stdout.write(readFileSync(file, 'utf8'))
} finally {
  rmSync(folder, { recursive: true })
}

/** One isolate does all jobs, and ends. */
async function age(): Promise<void> {
  let left = AGING_JOBS
  let onEnd: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  await using broker = createMemoryBroker()
  const pool = await openExecutor({ size: 1, concurrency: 1, jobs: 'never', spares: 0 }, 'aging')
  await using executor = watchExecutor(pool, { onEnd: () => --left === 0 && onEnd() })
  await using worker = createWorker(broker, executor, { queues: [link.queue], statsEvery: false })
  const heads = Array.from({ length: CHAINS }, () => ({ left: AGING_JOBS / CHAINS }))
  await createProducer(broker).enqueueMany(link, heads)
  worker.start()
  await ended
}
