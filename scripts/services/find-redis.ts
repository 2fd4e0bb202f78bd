import { createConnection } from 'node:net'

/** Where Redis is on most machines. */
export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379'

/** How long a server may take to answer, in ms. */
const PATIENCE_MS = 5_000

/** Undefined when a Redis server answers there (also one that first wants a password); else why not. */
export function whyNotRedis(url: string): Promise<unknown> {
  const { hostname, port } = new URL(url)
  const socket = createConnection({ host: hostname, port: Number(port || 6379), timeout: PATIENCE_MS })
  return new Promise((resolve) => {
    const end = (why?: unknown): void => {
      socket.destroy()
      resolve(why)
    }
    socket.on('error', end)
    socket.on('timeout', () => end(new Error(`no answer within ${PATIENCE_MS} ms`)))
    socket.on('close', () => end(new Error('it closed the connection')))
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => {
      const text = data.toString('latin1')
      end(/^(\+PONG|-NOAUTH)/.test(text) ? undefined : new Error('what answers is not Redis'))
    })
  })
}
