import { OptionError, type Ticks } from '@isobar/core'
import { checkTick, MAX_TICK_AHEAD_MS } from '@isobar/core/producer'
import { Bases } from './keys.ts'
import type { LookupContext } from './lookup.ts'
import { checkAll, toSpecValues } from './specs.ts'

/** Longest name of a schedule, in characters. */
const MAX_NAME = 1_000

/** The record of schedules, kept by isobar: BullMQ's own job schedulers are another thing, and stay as they are. */
export function createTicks(
  { connection, keys, settings }: LookupContext,
  wake: (queues: Iterable<string>) => void,
): Ticks {
  return {
    async last(name) {
      connection.assertOpen('tell the last tick')
      assertName(name)
      return Number(await connection.run('tell the last tick', 'tickLast', [keys.schedules], [name]))
    },
    async send(name, tick, spec) {
      connection.assertOpen('enqueue a tick')
      assertName(name)
      checkAll([spec], keys, settings)
      // The base of the queue comes second, as in every script that adds jobs.
      const bases = new Bases(keys, keys.queues)
      const values = toSpecValues(spec, bases, settings)
      const answer = await connection.run(
        'enqueue a tick',
        'tickSend',
        [...bases.keys, keys.schedules],
        [keys.prefix, name, tick, MAX_TICK_AHEAD_MS, ...values],
      )
      const [code, now] = answer as readonly [number, number]
      if (code === -1) checkTick(settings.name, name, tick, now)
      if (code !== 1) return false
      wake([spec.queue])
      return true
    },
  }
}

function assertName(name: string): void {
  if (name.length <= MAX_NAME) return
  throw new OptionError(
    `schedule ${name.slice(0, 100)} must have at most ${MAX_NAME} characters in its name, with its expression and time zone`,
  )
}
