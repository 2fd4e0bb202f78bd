import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { createMemoryBroker } from '../src/memory/index.ts'
import { createFakeClock } from '../src/testing/fake-clock.ts'
import { stressWorker } from '../src/testing/stress-worker.ts'
import { event, play } from './play.ts'

const RUNS = 1_500

test('many more random lives of workers: no job is lost', async () => {
  let events = 0
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 40 }), (played) => {
      events += played.length
      return play(played, createFakeClock())
    }),
    { numRuns: RUNS },
  )
  recordFigure(
    'Random lives of workers (crashes, lost leases, unreachable brokers, failing handlers) with a job lost',
    `0 of ${RUNS} (${events} events)`,
  )
})

test('many more random sequences of start, pause, resume and stop leave nothing behind', async () => {
  const { sequences, enqueued, done, stillQueued } = await stressWorker({
    createBroker: createMemoryBroker,
    sequences: 20_000,
    actions: 12,
    seed: 1_000,
  })
  expect(done + stillQueued).toBe(enqueued)
  recordFigure(
    'Random start, pause, resume, stop sequences that left a timer, listener or job behind',
    `0 of ${sequences} (${enqueued} jobs)`,
  )
})
