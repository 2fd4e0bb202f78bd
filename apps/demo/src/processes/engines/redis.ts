import { bullmq } from '@isobar/adapters/bullmq'
import { type Duration, Scope } from '@isobar/core'
import { Redis } from 'ioredis'
import type { Engine } from '../engine.ts'
import type { Place } from '../place.ts'
import { ENDLESS } from '../run.ts'
import { lockPrefix } from './redis-lock.ts'
import { renameQueues, WITHOUT_COLONS } from './renamed-queues.ts'

/** How long finished jobs can be looked up: Redis holds them in its memory. */
const RETAIN: Duration = '5m'

/** Keys that are looked for, and deleted, at a time. */
const SCANNED = 1_000

/**
 * Queues on BullMQ in Redis; the platform's tables, and how far a run without end was fed, at another place. A wave and
 * how far that is are not written in one step: after a kill between the two the wave is sent again, of which the broker
 * takes what it does not know yet. A trace with an end begins anew with each start.
 */
export async function openRedis(
  { url, prefix }: Extract<Place, { kind: 'redis' }>,
  openRecords: () => Promise<Engine>,
  onNotice: (message: string) => void,
): Promise<Engine> {
  const scope = new Scope()
  try {
    const broker = scope.use(renameQueues(bullmq(url, { prefix, retain: RETAIN, onNotice }), WITHOUT_COLONS))
    await broker.ready?.()
    const client = scope.adopt(new Redis(url), (open) => open.disconnect())
    // Commands tell of what goes wrong; without a listener it is written to the console, too.
    client.on('error', () => {})
    scope.use(await lockPrefix(client, prefix))
    const records = await openRecords()
    scope.defer(() => records.close())
    return {
      broker,
      ...(records.tables && { tables: records.tables }),
      keepDead: Number.POSITIVE_INFINITY,
      async openRun(wanted) {
        const fresh = wanted.fresh || wanted.jobs !== ENDLESS
        const run = await records.openRun({ ...wanted, fresh }, (specs) => broker.send(specs))
        if (run.starts === 1) await empty(client, prefix)
        return run
      },
      close: () => scope[Symbol.asyncDispose](),
    }
  } catch (error) {
    await scope[Symbol.asyncDispose]()
    throw error
  }
}

/** Deletes the keys of a prefix. */
async function empty(client: Redis, prefix: string): Promise<void> {
  const match = `${prefix.replaceAll(/[*?[\]\\]/g, '\\$&')}:*`
  for await (const keys of client.scanStream({ match, count: SCANNED }) as AsyncIterable<string[]>)
    if (keys.length > 0) await client.unlink(keys)
}
