import process from 'node:process'
import { createMemoryBroker } from '@isobar/core/memory'
import type { Adapter } from '../processes/adapter.ts'
import { QUEUES } from '../queues.ts'
import app from './app.ts'
import type { Report } from './identity.ts'
import { toOutcomes } from './outcomes.ts'
import { Records } from './records.ts'
import { createWaves } from './waves.ts'

/** Jobs at once. */
const CONCURRENCY = 20

/**
 * Runs as many jobs as the command line says on a runtime's own `serve`, and writes who the runtime is and what became of
 * the jobs, as JSON.
 */
export async function runHere(identity: Report['identity'], { serve }: Pick<Adapter, 'serve'>): Promise<void> {
  const { waves } = createWaves(Number(process.argv[2]))
  const broker = createMemoryBroker()
  const records = new Records(app)
  const server = await serve(app, { broker, queues: QUEUES, concurrency: CONCURRENCY, signals: false })
  for (const { specs, ended } of waves) {
    await broker.send(specs)
    await records.until(ended)
  }
  const outcomes = await toOutcomes(records, broker.deadLetters)
  await server.stop()
  const report: Report = { identity, outcomes }
  process.stdout.write(JSON.stringify(report))
}
