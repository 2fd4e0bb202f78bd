import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLeaky } from '../leak-every.ts'
import type { ZooJob } from '../make-data.ts'

export { makeData } from '../make-data.ts'

/** A client of its own a job: its pool keeps a connection open for a next call that never comes. */
const server = createServer((_, response) => response.end('ok'))
server.keepAliveTimeout = 0

export const harness = {
  setup: (): unknown => once(server.listen(0, '127.0.0.1'), 'listening'),
  teardown: (): unknown => server.close(),
}

export default async ({ data }: ZooJob): Promise<void> => {
  if (!isLeaky(data)) return
  const { port } = server.address() as AddressInfo
  const request = get({ port, host: '127.0.0.1', agent: new Agent({ keepAlive: true }) })
  const [response] = await once(request, 'response')
  await once(response.resume(), 'end')
}
