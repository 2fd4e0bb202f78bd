import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** Each job runs with a store of its own. */
const storage = new AsyncLocalStorage<{ readonly to: string }>()

export default ({ data }: ZooJob): Promise<string | undefined> =>
  storage.run({ to: data.to }, async () => {
    await turn()
    return storage.getStore()?.to
  })
