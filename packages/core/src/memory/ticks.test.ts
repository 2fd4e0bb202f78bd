import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryBroker } from './index.ts'
import { MAX_SCHEDULES } from './ticks.ts'

const spec = { name: 'job', queue: 'q', priority: 'normal', text: 'null', delayMs: 0 } as const

test('a schedule is known from when it is first asked for', async () => {
  const clock = createFakeClock({ now: 1_000 })
  const { ticks } = createMemoryBroker({ clock })
  expect(await ticks?.last('a')).toBe(1_000)
  await clock.advance(500)
  expect([await ticks?.last('a'), await ticks?.last('b')]).toEqual([1_000, 1_500])
})

test('the record is bounded: one schedule more is refused, those there are go on', async () => {
  const { ticks } = createMemoryBroker()
  for (let n = 0; n < MAX_SCHEDULES; n++) await ticks?.send(`s${n}`, 1, spec)
  await expect(ticks?.last('another')).rejects.toMatchObject({ code: 'BROKER_FULL' })
  await expect(ticks?.send('another', 1, spec)).rejects.toMatchObject({ code: 'BROKER_FULL' })
  expect([await ticks?.last('s0'), await ticks?.send('s0', 2, spec)]).toEqual([1, true])
})

test('a tick that finds the broker full can be sent later', async () => {
  const broker = createMemoryBroker({ maxJobs: 1 })
  await broker.send([{ ...spec, id: 'first' }])
  await expect(broker.ticks?.send('a', 1, spec)).rejects.toMatchObject({ code: 'BROKER_FULL' })
  await broker.cancel('first')
  expect(await broker.ticks?.send('a', 1, spec)).toBe(true)
})
