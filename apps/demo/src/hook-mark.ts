import { DemoOptionError } from './errors.ts'
import { createFetchClient, type HttpAnswer, type HttpClient, type HttpPost } from './http-client.ts'
import { verifyWebhook } from './webhook-signature.ts'

/** Whose endpoints the demo plays. */
export const HOOK_ORIGIN = 'https://hooks.example'

/** What they share with the platform. */
export const HOOK_SECRET = 'whsec-demo-0123456789abcdef'

/**
 * How an endpoint of the demo behaves, written into its URL: `/busy2/118` is unavailable twice, and asks for a pause the
 * first time; `/gone/7` is there no more; `/open/1` takes what is signed well.
 */
export type HookMark =
  | { readonly kind: 'busy'; readonly times: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'open' }

/** A URL that behaves as marked. */
export function toMarkedUrl(mark: HookMark, name: string): string {
  return `${HOOK_ORIGIN}/${mark.kind}${mark.kind === 'busy' ? mark.times : ''}/${name}`
}

/** How the endpoint of a URL behaves. */
export function hookMarkOf(url: string): HookMark {
  const [, kind, times] = /^\/(busy|gone|open)(\d?)\//.exec(new URL(url, HOOK_ORIGIN).pathname) ?? []
  if (kind === 'busy') return { kind, times: Number(times) }
  if (kind === 'gone' || kind === 'open') return { kind }
  throw new DemoOptionError(`${url} is not marked as an endpoint of the demo`)
}

/** What an endpoint answers to a message that came in so many attempts. It remembers nothing: the attempt is in a header. */
export async function answerHook(
  { url, headers, body }: { readonly url: string; readonly headers: Pick<Headers, 'get'>; readonly body: string },
  /** Ms since the epoch. */
  now: number,
): Promise<HttpAnswer> {
  const mark = hookMarkOf(url)
  if (mark.kind === 'gone') return { status: 410 }
  const attempt = Number(headers.get('x-attempt'))
  if (mark.kind === 'busy' && attempt <= mark.times) return { status: 503, ...(attempt === 1 && { retryAfter: '1' }) }
  return { status: (await verifyWebhook(HOOK_SECRET, headers, body, now / 1_000)) ? 204 : 401 }
}

/** A client that plays the demo's endpoints in memory, and posts to others by `beyond`: by default the network's. */
export function createMarkedHttp(
  clock: { now(): number } = Date,
  beyond: HttpClient = createFetchClient(),
): HttpClient {
  return {
    post(post: HttpPost, options) {
      if (!post.url.startsWith(`${HOOK_ORIGIN}/`)) return beyond.post(post, options)
      return answerHook({ ...post, headers: new Headers(post.headers) }, clock.now())
    },
  }
}
