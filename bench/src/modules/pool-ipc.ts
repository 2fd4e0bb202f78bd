import type { Delivery } from '@isobar/core'
import { toWork } from '../drain/work.ts'
import { nothing } from '../pool/job-types.ts'
import { openExecutor, type Where } from '../pool/open-executor.ts'
import { readTreeCpuMs } from '../pool/processes.ts'

/** What this process is told to do: its only argument, as JSON. */
export interface IpcTask {
  readonly where: Where
  /** Jobs that are handed over at once; the next when all of them have their outcomes. */
  readonly batch: number
  readonly batches: number
  readonly warmUp: number
  /** Data of 1,000 bytes; else of a few. */
  readonly large: boolean
}

/** What this process prints. */
export interface IpcFigures {
  /** For a job, of this process and the isolate, in µs. */
  readonly cpuUs: number
  /** For a job, on the clock, in µs. */
  readonly us: number
}

const { where, batch, batches, warmUp, large } = JSON.parse(process.argv[2] ?? '') as IpcTask
const executor = await openExecutor(where)
const deliveries = Array.from({ length: batch }, (_, n) => toDelivery(n))

try {
  for (let i = 0; i < warmUp; i++) await runBatch()
  const cpuMs = readTreeCpuMs()
  const startedAt = performance.now()
  for (let i = 0; i < batches; i++) await runBatch()
  const ms = performance.now() - startedAt
  const figures: IpcFigures = {
    cpuUs: ((readTreeCpuMs() - cpuMs) * 1_000) / (batch * batches),
    us: (ms * 1_000) / (batch * batches),
  }
  process.stdout.write(JSON.stringify(figures))
} finally {
  await executor[Symbol.asyncDispose]()
}

async function runBatch(): Promise<void> {
  const outcomes = await Promise.all(deliveries.map((delivery) => executor.start(delivery).outcome))
  if (outcomes.some(({ kind }) => kind !== 'ack')) throw new Error('a job was not done')
}

/** As a broker hands it over: text that was never decoded here. */
function toDelivery(n: number): Delivery {
  const text = JSON.stringify(large ? toWork(n) : { n })
  const { name, queue, priority } = nothing
  const times = { enqueuedAt: Date.now(), dueAt: Date.now() }
  const id = `${n}`
  const job = { id, name, queue, priority, attempt: 1, crashes: 0, ...times, payload: { text } }
  return { job, token: undefined, leaseUntil: Number.POSITIVE_INFINITY }
}
