import { defineResource, type Resource } from '@isobar/core'

/** What is posted. */
export interface HttpPost {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What an endpoint answered, as far as it matters. */
export interface HttpAnswer {
  readonly status: number
  /** The header `Retry-After`, as it came. */
  readonly retryAfter?: string
}

/** Posts to customers' servers. */
export interface HttpClient {
  /** @throws when no answer comes: no connection, no such host, aborted. */
  post(post: HttpPost, options: { readonly signal: AbortSignal }): Promise<HttpAnswer>
}

/** Posts to customers' servers. */
export const http: Resource<HttpClient> = defineResource('http')

/**
 * A client on the platform's own `fetch`. Redirects are answers, not followed: they would lead a signed message to whom
 * nobody has named. `route` may send a URL elsewhere.
 */
export function createFetchClient(route: (url: string) => string = (url) => url): HttpClient {
  return {
    async post({ url, headers, body }, { signal }) {
      const answer = await fetch(route(url), { method: 'POST', headers, body, signal, redirect: 'manual' })
      // Unread, it would keep the connection.
      await answer.body?.cancel()
      const retryAfter = answer.headers.get('retry-after')
      return { status: answer.status, ...(retryAfter !== null && { retryAfter }) }
    },
  }
}
