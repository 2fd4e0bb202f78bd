import { Refusal } from './refusal.ts'

/**
 * What a request wants: `read` figures, dead letters and jobs without their payloads; `write`, to change something (redrive,
 * discard, cancel, pause, resume, recycle); see `payloads` as they are.
 */
export type Action = 'read' | 'write' | 'payloads'

/** Says whether a request may do something. It must not read the request's body. */
export type Authorize = (request: Request, action: Action) => boolean | Promise<boolean>

/** The header that a request has to carry to change something: no form and no link can send it. */
export const WRITE_HEADER = 'x-isobar'

/** What is allowed where nobody was asked to say: to look, and nothing else. */
const READ_ONLY: Authorize = (_, action) => action === 'read'

/** Who may do what. */
export class Access {
  readonly #authorize: Authorize
  readonly #onError: (error: unknown) => void

  constructor(authorize: Authorize | undefined, onError: (error: unknown) => void) {
    this.#authorize = authorize ?? READ_ONLY
    this.#onError = onError
  }

  /** Whether a request may. When that cannot be found out it may not. */
  async may(request: Request, action: Action): Promise<boolean> {
    try {
      return (await this.#authorize(request, action)) === true
    } catch (error) {
      this.#onError(error)
      return false
    }
  }

  /** @throws {Refusal} when the request may not. */
  async assert(request: Request, action: Action): Promise<void> {
    if (await this.may(request, action)) return
    const readOnly = this.#authorize === READ_ONLY ? ': createHttp has no authorize, and is read-only without' : ''
    throw new Refusal(403, 'FORBIDDEN', `this request may not ${action}${readOnly}`)
  }
}

/**
 * Sees that a request which changes something was meant: JSON with a header that only a script of the same origin can send,
 * or a program. Browsers ask a server first before they let another origin's script send it, and no answer here allows that.
 * @throws {Refusal}
 */
export function assertMeant(request: Request): void {
  const { headers } = request
  if (!isSameOrigin(request)) throw new Refusal(403, 'CROSS_SITE', 'this request comes from a page of another origin')
  if (headers.get(WRITE_HEADER) !== '1')
    throw new Refusal(403, 'HEADER_MISSING', `to change something, send the header ${WRITE_HEADER}: 1`)
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  if (type.trim().toLowerCase() !== 'application/json')
    throw new Refusal(415, 'CONTENT_TYPE', 'to change something, send the header content-type: application/json')
}

/** As far as the browser says; programs that are none say nothing. */
function isSameOrigin({ headers, url }: Request): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  const origin = headers.get('origin')
  if (origin === null) return true
  try {
    // A proxy may have ended TLS, so that the scheme is another.
    return new URL(origin).host === new URL(url).host
  } catch {
    return false
  }
}
