import fc from 'fast-check'

/** Where there is something, with ids and queues that there are. */
const PATHS = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/',
  '/api/health',
  '/api/history',
  '/api/live',
  '/api/queues',
  '/api/dead-letters',
  '/api/dead-letters/redrive',
  '/api/dead-letters/discard',
  '/api/jobs/dead-1',
  '/api/jobs/dead-1/cancel',
  '/api/jobs/held-1/cancel',
  '/api/queues/email/pause',
  '/api/queues/email/resume',
  '/api/recycle',
]

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 400 }),
  fc.constantFrom('', '%', '%00', '../..', '\u0000', '🙂'),
)
const segment = text.map((value) => {
  try {
    return encodeURIComponent(value)
  } catch {
    return '%ED%A0%80'
  }
})
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PATHS) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('jobs', 'queues', 'dead-letters', ''), segment, fc.constantFrom('', '/pause', '/cancel'))
      .map(([kind, name, action]) => `/api/${kind}/${name}${action}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(segment, fc.constantFrom('%', '%zz', '//', '.', '..')), { maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`),
  },
)
const anyQuery = fc.dictionary(
  fc.constantFrom('queue', 'limit', 'cursor', 'payload', 'x'),
  fc.oneof(text, fc.constantFrom('full', '1', '-1', '1e9', 'email', 'NaN')),
  { maxKeys: 4 },
)
/** Half of them ask for payloads: those that may not must not get them. */
const query = fc.oneof(
  anyQuery,
  fc.constantFrom<Record<string, string>>({ payload: 'full' }, { payload: 'full', queue: 'email' }),
)
const body = fc.oneof(
  fc.constantFrom('', '{', 'null', '{"ids":["dead-1"]}', '{"queue":"email"}', '{"ids":[]}'),
  fc.json({ maxDepth: 3 }),
  fc
    .record({ ids: fc.array(fc.oneof(text, fc.constant('dead-1'), fc.integer()), { maxLength: 5 }) })
    .map((value) => JSON.stringify(value)),
  fc.record({ queue: fc.oneof(text, fc.integer(), fc.constant('email')) }).map((value) => JSON.stringify(value)),
  fc.uint8Array({ maxLength: 200 }),
)
const value = fc.stringMatching(/^[ -~]{0,60}$/)
const headers = fc.record(
  {
    'content-type': fc.oneof(value, fc.constant('application/json')),
    'x-isobar': fc.oneof(value, fc.constant('1')),
    origin: fc.oneof(value, fc.constantFrom('http://localhost', 'null', 'http://evil.example')),
    'sec-fetch-site': fc.constantFrom('same-origin', 'cross-site', 'none', ''),
    'if-none-match': value,
    authorization: value,
    accept: value,
    'content-length': fc.constantFrom('0', '-1', '99999999999', 'x'),
  },
  { requiredKeys: [] },
)
const method = fc.constantFrom(
  'POST',
  'POST',
  'POST',
  'POST',
  'GET',
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
)
/** Requests of all kinds. `real` ones carry what a page's own do. */
export const requests: fc.Arbitrary<FuzzedRequest> = fc.record({
  path,
  query,
  method,
  headers,
  body,
  real: fc.boolean(),
})

/** A request that somebody made up. */
export interface FuzzedRequest {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly method: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string | Uint8Array
  readonly real: boolean
}

/** Sends one, and answers what came of it; streams are hung up. */
export async function sendFuzzed(
  http: { request(url: string, init: RequestInit): Response | Promise<Response> },
  request: FuzzedRequest,
) {
  const init = {
    method: request.method,
    headers: {
      ...request.headers,
      ...(request.real && { 'content-type': 'application/json', 'x-isobar': '1', 'sec-fetch-site': 'same-origin' }),
    },
    ...(!['GET', 'HEAD'].includes(request.method) && { body: request.body }),
  } as RequestInit
  const response = await http.request(`http://localhost${request.path}?${new URLSearchParams(request.query)}`, init)
  const type = response.headers.get('content-type')
  const answer = type === 'text/event-stream' ? await response.body?.cancel() : await response.text()
  return { status: response.status, answer: answer ?? '', type }
}
