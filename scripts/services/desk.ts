import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceName, Services } from '../services.ts'

/** Where test processes ask for services. */
export interface Desk extends AsyncDisposable {
  readonly address: string
}

/** Serves the URLs of services to the processes of a test run, so that each is started once, and only when asked for. */
export async function openDesk(services: Services): Promise<Desk> {
  const server = createServer(({ url = '' }, response) => {
    services.url(url.slice(1) as ServiceName).then(
      (found) => response.end(found),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
