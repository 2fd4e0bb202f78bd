import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server on which connections can be broken, as a proxy does that is restarted. */
export interface BreakingWay extends AsyncDisposable {
  /** The server's URL, by this way. */
  readonly url: string
  /** Holds back what the server answers, until the next break. */
  holdAnswers(): void
  /** Breaks all connections. New ones are taken. */
  break(): void
}

/** Opens a way to the server at `url`. */
export async function openBreakingWay(url: string): Promise<BreakingWay> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let held = false
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      // The other end goes too: there is nobody else to tell.
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (chunk) => {
      if (!held) near.write(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdAnswers() {
      held = true
    },
    break() {
      held = false
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
