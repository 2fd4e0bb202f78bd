import type { Broker } from '@isobar/core'
import { createMemoryBroker } from '@isobar/core/memory'
import type { Admin } from '../src/postgres/embedded/admin.ts'

/** The memory broker as an engine that can be administered: with the names of its queues, and a version of no tables. */
export function createMemoryAdmin(): Admin & Broker {
  const broker = createMemoryBroker()
  const names = new Set<string>()
  return new Proxy(broker, {
    get(target, property) {
      if (property === 'queues') return async () => [...names].sort()
      if (property === 'migrate') return async () => ({ from: 3, to: 3 })
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (property === 'send') for (const { queue } of args[0] as { queue: string }[]) names.add(queue)
        if (property === 'pause') names.add(args[0] as string)
        return value.apply(target, args)
      }
    },
  }) as Admin & Broker
}
