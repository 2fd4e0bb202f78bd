import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ApiError } from './api-wire.ts'

/** Names under which a loopback address may be called. Any other is a page's that had its name point here. */
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost']

/**
 * Lets a request through that a program of this machine's made with the lock's token.
 *
 * A page in a browser can send requests to loopback addresses too. It cannot know the token; but it is stopped before
 * that is looked at, by the two things it cannot hide: that it is a page (`Origin`, `Sec-Fetch-Site`), and the name it
 * called (`Host`), which may be one of its own that it had resolve to 127.0.0.1.
 *
 * @throws {ApiError} `API_FORBIDDEN`, or `API_UNAUTHORIZED` for a token that is not the lock's.
 */
export function assertAllowed({ headers, socket }: IncomingMessage, token: string): void {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    throw new ApiError('API_FORBIDDEN', 'requests of web pages are refused; call from a program')
  }
  const hosts = LOOPBACK_NAMES.map((name) => `${name}:${socket.localPort}`)
  if (!hosts.includes(headers.host ?? '')) {
    throw new ApiError('API_FORBIDDEN', `the host that was called is not ${hosts.join(' or ')}; call one of these`)
  }
  if (!isSame(headers.authorization ?? '', `Bearer ${token}`)) {
    throw new ApiError('API_UNAUTHORIZED', 'the token is not that of the lock file; read it there anew')
  }
}

/** Compares in a time that says nothing of where two texts differ, nor of their lengths. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
