import { once } from 'node:events'
import { connect } from 'node:net'
import type { ModuleOptions } from '../../replay/contract.ts'
import { echoPort, startEcho, stopEcho } from '../loopback.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A connection a job, opened, used and closed. */
export const harness: ModuleOptions = { setup: startEcho, teardown: stopEcho }

export default async ({ data }: ZooJob): Promise<void> => {
  const socket = connect(echoPort(), '127.0.0.1')
  socket.end(data.text)
  await once(socket.resume(), 'close')
}
