import { AsyncLocalStorage } from 'node:async_hooks'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A bound callback keeps the store of the job that it was bound in. */
class RequestContext {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const storage = new AsyncLocalStorage<RequestContext>()
const onShutdown: (() => unknown)[] = []

export default ({ data }: ZooJob): void => {
  storage.run(new RequestContext(data.to), () => {
    const bound = AsyncLocalStorage.bind(() => storage.getStore())
    if (isLeaky(data)) onShutdown.push(bound)
  })
}
