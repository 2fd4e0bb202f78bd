import { expect, it } from 'vitest'
import { createApp } from '../app.ts'
import { createMemoryBroker } from '../memory/broker.ts'
import { override } from '../testing/override.ts'
import type { Held } from './held.ts'
import { InProcessExecutor } from './in-process.ts'
import { Intake } from './intake.ts'
import { MAX_PREFETCH } from './prefetch.ts'

const SLOTS = 100
const NOBODY: ReadonlySet<Held> = new Set()

/** An intake of a worker with 100 slots whose jobs take `ms`, and what it asks for while so many slots are free. */
function intakeOf(ms: number): (free: number, buffered: number) => number | undefined {
  let freeNow = SLOTS
  const executor = override(new InProcessExecutor(createApp(), { concurrency: SLOTS }), { free: () => freeNow })
  const broker = createMemoryBroker()
  const roomy = override(broker, { can: { ...broker.can, maxBatch: 10_000 } })
  const intake = new Intake(roomy, executor, [{ name: 'default' }])
  for (let n = 0; n < 100; n++) intake.add(ms)
  return (free, buffered) => {
    freeNow = free
    return intake.next(NOBODY, buffered)?.max
  }
}

it('fills slots and buffer at once when there is nothing', () => {
  expect(intakeOf(0.02)(SLOTS, 0)).toBe(SLOTS + MAX_PREFETCH)
})

it('asks for more when the buffer is half empty, and not for a handful before that', () => {
  const ask = intakeOf(0.02)
  expect(ask(0, MAX_PREFETCH - SLOTS)).toBeUndefined()
  expect(ask(0, MAX_PREFETCH / 2 + 1)).toBeUndefined()
  expect(ask(0, MAX_PREFETCH / 2)).toBe(MAX_PREFETCH / 2)
  // What came was less than asked for: the queue had no more, and the rest waits for its turn.
  expect(ask(0, MAX_PREFETCH - SLOTS)).toBeUndefined()
})

it('fills free slots for which nothing is held, however full the buffer was to be', () => {
  const ask = intakeOf(1_000)
  expect(ask(0, 0)).toBeUndefined()
  expect(ask(1, 0)).toBe(1)
  expect(ask(1, 1)).toBeUndefined()
})
