import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRIORITIES } from './broker.ts'
import {
  decodeEnvelope,
  ENVELOPE_VERSION,
  type EnvelopeJob,
  encodeEnvelope,
  type MessageFacts,
  UNREADABLE_NAME,
} from './codec.ts'

const facts: MessageFacts = {
  id: 'message',
  queue: 'outer',
  attempt: 3,
  crashes: 1,
  enqueuedAt: 5,
  maxBytes: 1_000_000,
}

/** Strings that try to end the header early. */
const field = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(',"data":', '","data":1}', '"data"', '\\",\\"data\\":', '}', '__proto__', '\ud800', '', '\u2028'),
)
const job: fc.Arbitrary<EnvelopeJob> = fc.record(
  {
    id: field,
    name: field,
    queue: field,
    tenant: field,
    trace: field,
    failures: fc.nat(1_000),
    crashes: fc.nat(1_000),
    redrives: fc.nat(1_000),
    priority: fc.constantFrom(...PRIORITIES),
    enqueuedAt: fc.nat(),
    dueAt: fc.nat(),
    text: fc.oneof(fc.json(), fc.constantFrom('"},\\"data\\":"', '{"data":{"data":1}}', '"}"', '', 'not JSON')),
  },
  { requiredKeys: ['id', 'name', 'queue', 'priority', 'enqueuedAt', 'dueAt', 'text'] },
)

describe('an envelope', () => {
  test('holds any job, whatever its fields and its data; what the broker counts is added to what was counted before', () => {
    fc.assert(
      fc.property(job, fc.boolean(), (given, asBytes) => {
        const text = encodeEnvelope(given)
        const { text: data, tenant, trace, failures = 0, crashes = 0, redrives, ...header } = given
        const body = asBytes ? new TextEncoder().encode(text) : text
        expect(decodeEnvelope(body, facts)).toStrictEqual({
          ...header,
          ...(tenant !== undefined && { tenant }),
          ...(trace !== undefined && { trace }),
          ...(redrives && { redrives }),
          attempt: 3 + failures,
          crashes: 1 + crashes,
          payload: { text: data },
        })
      }),
    )
  })

  test('is one JSON object when its data is JSON, its version first and its data last', () => {
    const text = encodeEnvelope({
      id: 'i',
      name: 'n',
      queue: 'q',
      priority: 'low',
      enqueuedAt: 1,
      dueAt: 2,
      text: '{"a":[1]}',
    })
    expect(text).toBe(
      `{"isobar":${ENVELOPE_VERSION},"id":"i","name":"n","queue":"q","priority":"low","enqueuedAt":1,"dueAt":2,"data":{"a":[1]}}`,
    )
  })
})

describe('what cannot be read becomes a job that holds the bytes', () => {
  const isUnreadable = (body: string | Uint8Array, problem: RegExp, limit = facts.maxBytes): void => {
    const decoded = decodeEnvelope(body, { ...facts, maxBytes: limit })
    expect(decoded).toMatchObject({
      id: 'message',
      queue: 'outer',
      name: UNREADABLE_NAME,
      priority: 'normal',
      attempt: 3,
      crashes: 1,
      enqueuedAt: 5,
      dueAt: 5,
    })
    expect(decoded).not.toHaveProperty('maxBytes')
    const { payload } = decoded
    expect('bytes' in payload && payload.bytes).toEqual(
      typeof body === 'string' ? new TextEncoder().encode(body) : body,
    )
    expect('bytes' in payload && payload.problem).toMatch(problem)
  }

  test.each<[string, string, RegExp]>([
    ['nothing', '', /not an envelope/],
    ['text', 'hello', /not an envelope/],
    ['JSON of another kind', '{"a":1}', /not an envelope/],
    ['JSON of another kind, with data', '{"a":1,"data":{}}', /not an envelope/],
    ['no object', '[1,"data":{}}', /not an envelope/],
    ['a header that is cut', '{"isobar":1,"id":"i,"data":{}}', /not an envelope/],
    ['an end that is cut', '{"isobar":1,"id":"i","data":{', /not an envelope/],
    ['another version', '{"isobar":2,"data":{}}', /version 2.*reads version 1/],
    ['a version that is no number', '{"isobar":"1","data":{}}', /not an envelope/],
  ])('%s', (_, body, problem) => {
    isUnreadable(body, problem)
  })

  test.each([
    { id: 5 },
    { name: null },
    { queue: undefined },
    { priority: 'urgent' },
    { priority: 'constructor' },
    { enqueuedAt: '5' },
    { dueAt: null },
    { tenant: 5 },
    { trace: {} },
    { failures: -1 },
    { crashes: 0.5 },
    { redrives: '1' },
  ])('a field of the wrong type: %j', (wrong) => {
    const good = { isobar: 1, id: 'i', name: 'n', queue: 'q', priority: 'low', enqueuedAt: 1, dueAt: 2 }
    isUnreadable(`${JSON.stringify({ ...good, ...wrong }).slice(0, -1)},"data":{}}`, /wrong type/)
  })

  test('more bytes than are allowed, which are not read', () => {
    isUnreadable('€'.repeat(10), /30 bytes, over the limit of 29/, 29)
    const decoded = decodeEnvelope(new Uint8Array(30), { ...facts, maxBytes: 29 })
    expect(decoded.payload).toMatchObject({ oversized: true })
    const text = encodeEnvelope({
      id: 'i',
      name: 'n',
      queue: 'q',
      priority: 'low',
      enqueuedAt: 1,
      dueAt: 2,
      text: '"€"',
    })
    expect(decodeEnvelope(text, { ...facts, maxBytes: new TextEncoder().encode(text).byteLength }).payload).toEqual({
      text: '"€"',
    })
  })

  test('bytes that are not UTF-8', () => {
    const bytes = new TextEncoder().encode(
      encodeEnvelope({ id: 'i', name: 'n', queue: 'q', priority: 'low', enqueuedAt: 1, dueAt: 2, text: '"x"' }),
    )
    bytes[bytes.length - 3] = 0xff
    isUnreadable(bytes, /not an envelope/)
  })
})

test('decoding never throws, whatever comes', () => {
  const start = '{"isobar":1,"id":"i","name":"n","queue":"q","priority":"low","enqueuedAt":1,"dueAt":2'
  const body = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(
        fc.constantFrom(start, start.slice(0, 40), '{', ''),
        fc.string(),
        fc.constantFrom(',"data":', ''),
        fc.string(),
        fc.constantFrom('}', ''),
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(body, (given) => {
      const { payload, attempt } = decodeEnvelope(given, facts)
      expect(attempt).toBe(3)
      expect('text' in payload || ('bytes' in payload && payload.problem.length > 0)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})
