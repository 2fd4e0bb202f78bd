import type { JobSpec } from '../broker.ts'
import { checkTick, type Ticks } from '../ticks.ts'
import { BrokerFullError } from './errors.ts'

/** Schedules that a memory broker keeps a record of; one more is refused with `BROKER_FULL`. */
export const MAX_SCHEDULES = 10_000

/** What the record of schedules needs of its broker. Both throw once the broker is disposed. */
export interface TicksHost {
  readonly name: string
  now(): number
  /** Enqueues a job, or throws and adds nothing. */
  add(spec: JobSpec): void
}

/** The last tick of each schedule. Each call is one step that no other comes between. */
export function createTicks(host: TicksHost): Ticks {
  const records = new Map<string, number>()
  const assertRoom = (name: string): void => {
    if (records.size < MAX_SCHEDULES || records.has(name)) return
    throw new BrokerFullError(host.name, 'schedules', MAX_SCHEDULES, 'use fewer names and expressions')
  }
  return {
    async last(name) {
      const now = host.now()
      assertRoom(name)
      const last = records.get(name) ?? now
      records.set(name, last)
      return last
    },
    async send(name, tick, spec) {
      const now = host.now()
      assertRoom(name)
      if (tick <= (records.get(name) ?? Number.NEGATIVE_INFINITY)) return false
      checkTick(host.name, name, tick, now)
      host.add(spec)
      records.set(name, tick)
      return true
    },
  }
}
