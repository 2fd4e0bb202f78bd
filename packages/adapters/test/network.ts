import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a server that can fall silent, as a network or a machine does: connections are taken, and nothing passes. */
export interface Network extends AsyncDisposable {
  /** The server's URL, by this way. */
  readonly url: string
  /** From now on what is sent is held back. */
  silence(): void
  /** What was held back passes, and all that follows. */
  resume(): void
}

/** Opens a way to the server at `url`. Disposing breaks all connections. */
export async function openNetwork(url: string): Promise<Network> {
  const target = new URL(url)
  const pairs = new Set<readonly [Socket, Socket]>()
  let silent = false
  const join = ([near, far]: readonly [Socket, Socket]): void => {
    near.pipe(far)
    far.pipe(near)
  }
  const part = ([near, far]: readonly [Socket, Socket]): void => {
    near.unpipe(far).pause()
    far.unpipe(near).pause()
  }
  const server = createServer((near) => {
    const pair = [near, connect(Number(target.port), target.hostname)] as const
    pairs.add(pair)
    for (const socket of pair) {
      // The other end goes too: there is nobody else to tell.
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(pair)
        for (const one of pair) one.destroy()
      })
    }
    if (!silent) join(pair)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = new URL(url)
  own.hostname = '127.0.0.1'
  own.port = String((server.address() as AddressInfo).port)
  return {
    url: own.href,
    silence() {
      silent = true
      pairs.forEach(part)
    },
    resume() {
      silent = false
      pairs.forEach(join)
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      await closed
    },
  }
}
