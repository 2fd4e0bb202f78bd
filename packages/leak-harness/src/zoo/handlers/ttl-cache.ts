import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Entries go 2 s after they came. */
const TTL_MS = 2_000
const cache = new Map<string, number>()
let sweep: NodeJS.Timeout | undefined

export const harness = {
  setup: (): void => {
    sweep = setInterval(() => {
      const limit = performance.now() - TTL_MS
      for (const [key, at] of cache) if (at < limit) cache.delete(key)
    }, 500)
  },
  teardown: (): void => clearInterval(sweep),
}

export default ({ data }: ZooJob): void => {
  cache.set(data.to, performance.now())
}
