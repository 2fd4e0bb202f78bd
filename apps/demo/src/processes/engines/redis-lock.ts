import { setTimeout } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { DemoRunError } from '../../errors.ts'

/** How long a lock outlives a process that was killed, in ms. */
const LOCK_MS = 5_000

/** Between two renewals, and two looks at a lock that somebody has, in ms. */
const RENEW_MS = 1_000

/** Gives a lock back, if it is still one's own. */
const UNLOCK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

/**
 * Keeps other demos from a prefix for as long as it is not disposed. A process that was just killed is waited for.
 * @throws {DemoRunError} when another process has it.
 */
export async function lockPrefix(client: Redis, prefix: string): Promise<AsyncDisposable> {
  const key = `${prefix}-lock`
  const token = crypto.randomUUID()
  for (let waited = 0; (await client.set(key, token, 'PX', LOCK_MS, 'NX')) !== 'OK'; waited += RENEW_MS) {
    if (waited > LOCK_MS)
      throw new DemoRunError(
        `another demo works on this Redis, prefix ${prefix}; stop it, or start with --memory or --folder`,
      )
    await setTimeout(RENEW_MS)
  }
  // A Redis that is away is told by the broker.
  const timer = setInterval(() => void client.pexpire(key, LOCK_MS).catch(() => {}), RENEW_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await client.eval(UNLOCK, 1, key, token).catch(() => {})
    },
  }
}
