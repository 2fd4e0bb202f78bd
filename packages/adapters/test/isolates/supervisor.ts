import type { IsolateHealth } from '@isobar/core'
import { createProducer } from '@isobar/core/producer'
import { onTestFinished } from 'vitest'
import { type PostgresBroker, postgres } from '../../src/postgres/index.ts'
import { createDatabase } from '../database.ts'
import { type Child, childrenOf } from '../processes.ts'
import { type RuntimeName, toRuntimeCommand } from '../runtimes.ts'
import { launchWorker, type WorkerProcess } from '../worker-process.ts'
import { type Act, act } from './acts.ts'
import { pause } from './cases.ts'

/** A job that an isolate has started. */
export interface Started {
  readonly name: string
  /** Of the isolate. */
  readonly pid: number
}

/** A supervisor with two isolates of two slots, in a process of its own that leads its group, on a database of its own. */
export interface Supervisor {
  readonly worker: WorkerProcess
  readonly broker: PostgresBroker
  /** Sends jobs; answers their ids. */
  send(acts: readonly Act[]): Promise<readonly string[]>
  /** Jobs in the order in which they were started, once they are so many. */
  started(count: number): Promise<readonly Started[]>
  /** Its isolates and its guardian. */
  children(): Child[]
  /** Its isolates, as it sees them, once two of them serve and one is ready to. */
  settled(): Promise<readonly IsolateHealth[]>
}

/** How a supervisor is started. */
export interface SupervisorOptions {
  /** How long its jobs may go on after a signal, in ms. Default 10,000. */
  readonly grace?: number
  /** What it runs on, and its isolates with it. Default `node`. */
  readonly runtime?: RuntimeName
}

/** Starts one, and ends it with the test. */
export async function openSupervisor({
  grace = 10_000,
  runtime = 'node',
}: SupervisorOptions = {}): Promise<Supervisor> {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const { url } = stack.use(await createDatabase())
  const broker = stack.use(postgres(url, { retain: '1h' }))
  await broker.ready()
  const { isolateFlags } = toRuntimeCommand(runtime)
  const args = [url, String(grace), ...isolateFlags]
  const worker = stack.use(launchWorker('isolates-supervisor.ts', args, [], { leads: true, runtime }))
  await worker.said(`serving in ${runtime}`)
  const producer = createProducer(broker)
  let asked = 0
  return {
    worker,
    broker,
    async send(acts) {
      return (await producer.enqueueMany(act, acts)).map(({ id }) => id)
    },
    async started(count) {
      const lines = (): string[] => worker.lines.filter((line) => line.startsWith('started '))
      while (lines().length < count) await pause(10)
      return lines().map((line) => {
        const [, name = '', , pid] = line.split(' ')
        return { name, pid: Number(pid) }
      })
    },
    children: () => childrenOf(worker.pid),
    async settled() {
      for (;;) {
        worker.tell('isolates')
        asked++
        const answers = (): string[] => worker.lines.filter((line) => line.startsWith('isolates '))
        while (answers().length < asked) await pause(10)
        const isolates: IsolateHealth[] = JSON.parse(answers().at(-1)?.slice('isolates '.length) ?? '[]')
        const states = isolates.map(({ state }) => state).sort()
        if (states.join() === 'active,active,spare') return isolates
        await pause(20)
      }
    },
  }
}
