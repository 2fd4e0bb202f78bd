import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLink, setUpSchedule, TICK_MS } from '../../test/set-up-schedule.ts'
import { createSettableClock } from '../../test/settable-clock.ts'
import type { MissedTicks } from '../schedule.ts'
import type { Scheduler } from './scheduler.ts'

/** Machines that run, or could run, a scheduler. */
const MACHINES = 3

type Event =
  | { readonly kind: 'pass'; readonly ticks: number }
  | { readonly kind: 'start' | 'stop' | 'cut' | 'mend'; readonly machine: number }
  | { readonly kind: 'set'; readonly machine: number; readonly ticks: number }

const machine = fc.nat({ max: MACHINES - 1 })
const ticks = fc.integer({ min: -25, max: 25 }).map((tenths) => tenths / 10)
const pass: fc.Arbitrary<Event> = fc.record({ kind: fc.constant('pass'), ticks: ticks.map(Math.abs) })
const change: fc.Arbitrary<Event> = fc.record({ kind: fc.constantFrom('start', 'stop', 'cut', 'mend'), machine })
const set: fc.Arbitrary<Event> = fc.record({ kind: fc.constant('set'), machine, ticks })

/** Plays what happens to the machines; in the end one of them is well for two ticks. */
async function play(missed: MissedTicks, events: readonly Event[]) {
  const { clock, sent, start } = setUpSchedule(missed)
  const machines = Array.from({ length: MACHINES }, () => ({
    clock: createSettableClock(clock),
    link: createLink(),
    scheduler: undefined as Scheduler | undefined,
  }))
  /** Ticks at which a machine was well. */
  const seen = new Set<number>()
  let now = 0
  const advance = async (by: number): Promise<void> => {
    for (let tick = Math.floor(now) + 1; tick <= now + by; tick++) {
      if (machines.some(({ scheduler, link }) => scheduler && !link.down)) seen.add(tick)
    }
    now += by
    await clock.advance(by * TICK_MS)
  }
  const stop = (one: (typeof machines)[number]): void => {
    one.scheduler?.stop()
    one.scheduler = undefined
  }

  start().stop()
  await clock.advance(0)
  for (const event of [...events, { kind: 'mend', machine: 0 } as const, { kind: 'start', machine: 0 } as const]) {
    if (event.kind === 'pass') {
      await advance(event.ticks)
      continue
    }
    const one = machines[event.machine] as (typeof machines)[number]
    if (event.kind === 'set') one.clock.set(event.ticks * TICK_MS)
    if (event.kind === 'cut' || event.kind === 'mend') one.link.down = event.kind === 'cut'
    if (event.kind === 'stop') stop(one)
    if (event.kind === 'start') one.scheduler ??= start({ link: one.link, clock: one.clock, missed })
    await clock.advance(0)
  }
  await advance(2)
  for (const one of machines) stop(one)
  expect(clock.pending).toBe(0)
  return { sent, now, seen: [...seen].sort((a, b) => a - b) }
}

const policy = fc.constantFrom<MissedTicks>('skip', 'once', 'all')

test('whatever happens to machines and their clocks, ticks are enqueued in order, none twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      policy,
      fc.array(fc.oneof(pass, change, change, set), { maxLength: 25 }),
      async (missed, events) => {
        const { sent } = await play(missed, events)
        expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b))
      },
    ),
    { numRuns: 40 },
  )
})

test('whatever happens to machines, the policy says which ticks are enqueued', async () => {
  await fc.assert(
    fc.asyncProperty(policy, fc.array(fc.oneof(pass, change, change), { maxLength: 25 }), async (missed, events) => {
      const { sent, seen, now } = await play(missed, events)
      const all = Array.from({ length: Math.floor(now) }, (_, at) => at + 1)
      if (missed === 'all') expect(sent).toEqual(all)
      else expect(sent).toEqual(expect.arrayContaining(seen))
    }),
    { numRuns: 40 },
  )
})
