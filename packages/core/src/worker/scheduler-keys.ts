import type { Sender } from '../broker.ts'
import type { Ticks } from '../ticks.ts'

/** How long a tick's key is kept, in ms: schedulers that are further apart than this would enqueue a tick twice. */
export const TICK_WINDOW_MS = 3_600_000

/**
 * Ticks for a broker that keeps no record of them but honours keys: each tick's job has the key `schedule:name@time`,
 * unique for an hour. What was enqueued last, nobody knows.
 */
export function toKeyedTicks(sender: Sender): Ticks {
  return {
    last: async () => 0,
    async send(name, tick, spec) {
      const key = `schedule:${name}@${new Date(tick).toISOString()}`
      const [answer] = await sender.send([{ ...spec, key, dedupe: { mode: 'window', windowMs: TICK_WINDOW_MS } }])
      return answer?.duplicate === false
    },
  }
}
