import { Redis } from 'ioredis'
import { serviceUrl } from '../../../scripts/services/service-url.ts'

/** Keys of a test's own. Disposing deletes them. */
export interface TestRedis extends AsyncDisposable {
  readonly url: string
  readonly prefix: string
  /** The keys that are there. */
  keys(): Promise<string[]>
}

/** Finds keys of its own on the server that the test run has found or started. */
export async function createRedis(): Promise<TestRedis> {
  const url = await serviceUrl('redis')
  const prefix = `isobar-demo-test-${crypto.randomUUID()}`
  const client = new Redis(url)
  const keys = async (): Promise<string[]> => {
    const found: string[] = []
    for await (const some of client.scanStream({ match: `${prefix}*`, count: 1_000 }) as AsyncIterable<string[]>)
      found.push(...some)
    return [...new Set(found)].sort()
  }
  return {
    url,
    prefix,
    keys,
    async [Symbol.asyncDispose]() {
      const all = await keys()
      if (all.length > 0) await client.unlink(all)
      client.disconnect()
    },
  }
}
