import { createMemoryBroker } from '@isobar/core/memory'
import { expect, test } from 'vitest'
import { DeadNotes, MAX_NOTES } from './dead-notes.ts'

test('notes begin with what the broker has, and are bounded', async () => {
  await using broker = createMemoryBroker()
  await broker.send([{ id: 'd1', name: 'n', queue: 'q', priority: 'normal', text: '1', delayMs: 0 }])
  const { signal } = new AbortController()
  const want = { queues: [{ name: 'q', max: 1 }], max: 1, leaseMs: 60_000, workerId: 'w', waitMs: 0, signal }
  const [delivery] = await broker.receive(want)
  if (!delivery) throw new Error('nothing received')
  const outcome = { kind: 'dead', reason: 'invalid', error: new Error('not a number') } as const
  await broker.settle([{ delivery, outcome, endedAt: 0 }])

  const notes = await DeadNotes.of(broker)
  const note = { id: 'd1', name: 'n', reason: 'invalid', message: 'not a number' } as const
  expect(notes.all).toEqual([note])
  for (let more = 0; more < MAX_NOTES; more++) notes.add({ ...note, id: `more-${more}` })
  expect(notes.all).toHaveLength(MAX_NOTES)
})
