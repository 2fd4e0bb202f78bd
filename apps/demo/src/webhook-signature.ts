/** A message as it is signed. */
export interface SignedMessage {
  /** The same for every attempt, so that a receiver can tell a repeat. */
  readonly id: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  readonly body: string
}

/** How long a signature is good for, in s: an old message that somebody has overheard is refused. */
export const TOLERANCE_S = 300

const encoder = new TextEncoder()

/**
 * Headers that prove who sent a message: HMAC-SHA256 over `id.timestamp.body`, in base64.
 * Source: https://www.standardwebhooks.com; the secret is taken as it is, in UTF-8.
 */
export async function signWebhook(secret: string, message: SignedMessage): Promise<Record<string, string>> {
  const signature = await crypto.subtle.sign('HMAC', await toKey(secret, 'sign'), toSigned(message))
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`,
  }
}

/** Whether a message comes from who has the secret, and not from long ago. In time that tells nothing of the signature. */
export async function verifyWebhook(
  secret: string,
  headers: Pick<Headers, 'get'>,
  body: string,
  /** Seconds since the epoch. */
  now: number,
): Promise<boolean> {
  const timestamp = Number(headers.get('webhook-timestamp') ?? Number.NaN)
  const [version, signature = ''] = (headers.get('webhook-signature') ?? '').split(',')
  if (version !== 'v1' || !(Math.abs(now - timestamp) <= TOLERANCE_S) || !/^[A-Za-z0-9+/]{43}=$/.test(signature))
    return false
  const bytes = Uint8Array.from(atob(signature), (char) => char.charCodeAt(0))
  const message = toSigned({ id: headers.get('webhook-id') ?? '', timestamp, body })
  return crypto.subtle.verify('HMAC', await toKey(secret, 'verify'), bytes, message)
}

function toKey(secret: string, usage: 'sign' | 'verify') {
  return crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [usage])
}

function toSigned({ id, timestamp, body }: SignedMessage): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${id}.${timestamp}.${body}`)
}
