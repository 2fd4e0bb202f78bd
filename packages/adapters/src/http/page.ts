import type { Context, Next } from 'hono'
import { basePath } from 'hono/route'
import { Refusal } from './refusal.ts'

/** A file of the dashboard. */
interface Asset {
  readonly type: string
  readonly body: string | Uint8Array
}

/** Nothing but what comes from here, and no script or style within the page. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const HEADERS: Readonly<Record<string, string>> = {
  // Asked for each time, and mostly answered with 304: the names of the files stay, whatever is in them.
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const tags = new Map<Asset, string>()

/** Answers with a file of the dashboard, `index.html` at the root; what is none of them is for whoever comes next. */
export async function answerPage(c: Context, next: Next): Promise<Response | undefined> {
  const base = basePath(c).replace(/\/$/, '')
  const path = c.req.path.slice(base.length)
  // Its links are relative, and lead beside the mount without the slash.
  if (path === '') return new Response(null, { status: 308, headers: { location: `./${base.split('/').at(-1)}/` } })
  // When it is first asked for: most workers are never looked at.
  const { dashboardAssets } = await import('./dashboard/assets.ts')
  const asset = dashboardAssets.get(path === '/' ? 'index.html' : path.slice(1))
  if (!asset) {
    await next()
    return undefined
  }
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD')
    throw new Refusal(405, 'METHOD', 'ask with GET', { headers: { allow: 'GET, HEAD' } })
  const etag = await tagOf(asset)
  const headers = { ...HEADERS, etag, 'content-type': asset.type }
  if (isKnown(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  return new Response(asset.body, { headers })
}

function isKnown(known: string | undefined, etag: string): boolean {
  // Proxies that compress make a tag a weak one.
  return known?.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, ''))) ?? false
}

async function tagOf(asset: Asset): Promise<string> {
  const known = tags.get(asset)
  if (known) return known
  const bytes = typeof asset.body === 'string' ? new TextEncoder().encode(asset.body) : asset.body
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const tag = `"${Array.from(hash.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
  tags.set(asset, tag)
  return tag
}
