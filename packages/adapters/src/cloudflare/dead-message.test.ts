import { serialize } from 'node:v8'
import type { DeadReason } from '@isobar/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBytes } from './body.ts'
import { readDeadMessage } from './dead-letters/read.ts'
import { DEAD_MARK, type Death, toDeadMessage } from './dead-message.ts'
import { DEAD_HEADROOM_BYTES, MAX_MESSAGE_BYTES, METADATA_BYTES } from './limits.ts'

const LIMIT = MAX_MESSAGE_BYTES - METADATA_BYTES

const text = fc.string({ unit: 'binary', maxLength: 60 })
const long = fc.oneof(
  text,
  fc.constantFrom('x'.repeat(5_000), '😀'.repeat(2_500), '\ud800'.repeat(3_000), '"\\\n'.repeat(2_000)),
)
const error = fc.oneof(
  fc
    .record({ message: long, stack: long, code: long, cause: long })
    .map(({ message, stack, code, cause }) =>
      Object.assign(new Error(message, { cause: new TypeError(cause) }), { stack, code }),
    ),
  fc.anything(),
)
const body = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.slice().buffer),
  fc.jsonValue().filter((value) => typeof value !== 'string'),
  fc.integer({ min: 123_000, max: 127_900 }).map((length) => 'b'.repeat(length)),
  fc.integer({ min: 123_000, max: 127_900 }).map((length) => new Uint8Array(length)),
  fc
    .integer({ min: 0, max: 127_000 })
    .chain((length) => fc.constantFrom<unknown>(...valuesOf(length)).filter((value) => weightOf(value) <= LIMIT)),
)

/** Values whose structured clone has about so many bytes, more or fewer than their JSON. */
function valuesOf(bytes: number): unknown[] {
  const numbers = (each: number, value: number): number[] => Array(Math.floor(bytes / each)).fill(value)
  const shared = { padding: 'p'.repeat(bytes / 2) }
  return [
    ...[
      numbers(9, 0.5),
      numbers(2, 1),
      numbers(9, Number.NaN),
      { padding: 'b'.repeat(bytes) },
      'é'.repeat(bytes).split(' '),
    ],
    ...[
      [`漢${'a'.repeat(bytes / 2)}`],
      [shared, shared, shared],
      { at: new Date(0), big: 1n, text: 't'.repeat(bytes) },
    ],
  ]
}
const death: fc.Arbitrary<Death> = fc.record({
  job: fc.record(
    {
      id: text,
      name: text,
      queue: text,
      priority: fc.constantFrom('high', 'normal', 'low'),
      crashes: fc.nat(),
      enqueuedAt: fc.nat(),
      tenant: text,
    },
    { requiredKeys: ['id', 'name', 'queue', 'priority', 'crashes', 'enqueuedAt'] },
  ),
  body,
  error,
  reason: fc.constantFrom<DeadReason>('exhausted', 'unreadable', 'crashed'),
  attempts: fc.nat(),
  diedAt: fc.nat(),
  redrives: fc.nat(),
})

function weightOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  const bytes = toBytes(value)
  return bytes ? bytes.byteLength : serialize(value).byteLength
}

test('a dead letter says all, keeps the body as it was, and is never too large', () => {
  fc.assert(
    fc.property(death, (given) => {
      const message = toDeadMessage(given)
      expect(weightOf(message.body)).toBeLessThanOrEqual(LIMIT)
      const sent = { id: 'message', timestamp: new Date(7), body: structuredClone(message.body) }
      const read = readDeadMessage(sent, { queue: 'dlq' })
      expect(plain(read.body)).toEqual(plain(given.body))
      if (weightOf(message.body) === weightOf(given.body)) {
        // Five times its JSON is over the limit, in which what is met three times counts three times; or it has none.
        expect(
          JSON.stringify([plain(given.body)], (_, value) => (typeof value === 'bigint' ? '' : value)).length,
        ).toBeGreaterThan(2)
        return
      }
      const { job, attempts, diedAt, redrives, reason } = given
      expect(read).toMatchObject({ ...job, attempts, diedAt, redrives, reason })
      expect(read.error).toMatchObject({ name: expect.any(String), message: expect.any(String) })
    }),
  )
})

/** Buffers and views alike, as they come back as views; and what JSON has no word for. */
function plain(value: unknown): unknown {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? [...toBytes(value)] : value
}

test('a body that leaves the usual room has its header, however long the error', () => {
  fc.assert(
    fc.property(error, (given) => {
      const full = 'd'.repeat(MAX_MESSAGE_BYTES - METADATA_BYTES - DEAD_HEADROOM_BYTES)
      const job = { id: 'i', name: 'n', queue: 'q', priority: 'normal', crashes: 0, enqueuedAt: 1 } as const
      const facts = { reason: 'exhausted', attempts: 1, diedAt: 2, redrives: 0 } as const
      const { body } = toDeadMessage({ ...facts, job, body: full, error: given })
      expect(String(body).startsWith(DEAD_MARK)).toBe(true)
      expect(String(body).endsWith(`\n${full}`)).toBe(true)
    }),
  )
})

test('a body that leaves less has its header, too, with less of the error', () => {
  const job = { id: 'i', name: 'n', queue: 'q', priority: 'normal', crashes: 0, enqueuedAt: 1 } as const
  const facts = { reason: 'exhausted', attempts: 1, diedAt: 2, redrives: 0 } as const
  const error = new Error('e'.repeat(9_000), { cause: new Error('c'.repeat(9_000)) })
  const message = toDeadMessage({ ...facts, job, body: 'd'.repeat(LIMIT - 600), error })
  const read = readDeadMessage({ id: 'm', timestamp: new Date(7), body: message.body }, { queue: 'dlq' })
  expect(read).toMatchObject({ ...facts, id: 'i', error: { message: expect.stringMatching(/^e+$/) } })
})

test('what JSON fails on, and so nobody can weigh, goes raw', () => {
  const job = { id: 'i', name: 'n', queue: 'q', priority: 'normal', crashes: 0, enqueuedAt: 1 } as const
  const body: { self?: unknown } = {}
  body.self = body
  const message = toDeadMessage({
    ...{ reason: 'unreadable', attempts: 0, diedAt: 2, redrives: 0 },
    job,
    body,
    error: 0,
  })
  expect(message.contentType).toBe('v8')
  expect(message.body).toBe(body)
})

test('fields that leave no room for a header make it go raw', () => {
  const job = { id: 'i'.repeat(5_000), name: 'n', queue: 'q', priority: 'normal', crashes: 0, enqueuedAt: 1 } as const
  const facts = { reason: 'exhausted', attempts: 1, diedAt: 2, redrives: 0, error: new Error('x') } as const
  expect(toDeadMessage({ ...facts, job, body: 'body' }).body).toBe('body')
})
