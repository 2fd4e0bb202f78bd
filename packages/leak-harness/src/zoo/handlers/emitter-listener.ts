import { EventEmitter } from 'node:events'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A listener a job on an emitter that lives as long as the process. */
class Tenant {
  readonly to: string

  constructor(to: string) {
    this.to = to
  }
}
const bus = new EventEmitter().setMaxListeners(0)

export default ({ data }: ZooJob): void => {
  const tenant = new Tenant(data.to)
  if (isLeaky(data)) bus.on('change', () => tenant.to)
}
