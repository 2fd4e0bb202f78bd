import type { IsolateHealth } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { onTestFinished } from 'vitest'
import { type PostgresBroker, postgres } from '../../src/postgres/index.ts'
import { createDatabase } from '../database.ts'
import { type Child, childrenOf } from '../processes.ts'
import { launchWorker, type WorkerProcess } from '../worker-process.ts'
import { type Act, act } from './acts.ts'

/** A supervisor with two isolates of two slots, in a process of its own that leads its group, on a database of its own. */
export interface Supervisor {
  readonly worker: WorkerProcess
  readonly broker: PostgresBroker
  /** Sends jobs; answers their ids. */
  send(acts: readonly Act[]): Promise<readonly string[]>
  /** Its isolates and its guardian. */
  children(): Child[]
  /** Its isolates, as it sees them, once two of them serve and one is ready to. */
  settled(): Promise<readonly IsolateHealth[]>
}

/** Starts one, and ends it with the test. */
export async function openSupervisor({ grace = 10_000 } = {}): Promise<Supervisor> {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const { url } = stack.use(await createDatabase())
  const broker = stack.use(postgres(url, { retain: '1h' }))
  await broker.ready()
  const worker = stack.use(launchWorker('isolates-supervisor.ts', [url, String(grace)], [], { leads: true }))
  await worker.said('serving')
  const producer = createProducer(broker)
  let asked = 0
  return {
    worker,
    broker,
    async send(acts) {
      return (await producer.enqueueMany(act, acts)).map(({ id }) => id)
    },
    children: () => childrenOf(worker.pid),
    async settled() {
      for (;;) {
        worker.tell('isolates')
        asked++
        const answers = (): string[] => worker.lines.filter((line) => line.startsWith('isolates '))
        while (answers().length < asked) await new Promise((resolve) => setTimeout(resolve, 10))
        const isolates: IsolateHealth[] = JSON.parse(answers().at(-1)?.slice('isolates '.length) ?? '[]')
        const states = isolates.map(({ state }) => state).sort()
        if (states.join() === 'active,active,spare') return isolates
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}
