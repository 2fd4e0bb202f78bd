import { once } from 'node:events'
import { connect } from 'node:net'
import type { ModuleOptions } from '../../replay/contract.ts'
import { isLeaky } from '../leak-every.ts'
import { echoPort, startEcho, stopEcho } from '../loopback.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A connection a job that nobody ends. */
export const harness: ModuleOptions = { setup: startEcho, teardown: stopEcho }

export default async ({ data }: ZooJob): Promise<void> => {
  if (isLeaky(data)) await once(connect(echoPort(), '127.0.0.1'), 'connect')
}
