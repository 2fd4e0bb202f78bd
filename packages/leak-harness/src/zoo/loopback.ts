import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

let server: Server | undefined

/** Starts a server on a free port of 127.0.0.1 that answers what it is sent. For `harness.setup`. */
export async function startEcho(): Promise<void> {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** Port of the server that was started. */
export function echoPort(): number {
  const address = server?.address() as AddressInfo | undefined
  if (!address) throw new Error('there is no server; call startEcho first')
  return address.port
}

/** Takes no more connections; those that are open end with the process. For `harness.teardown`. */
export function stopEcho(): void {
  server?.close()
}
