import type { DeadReason } from '@isobar/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDeadMessage } from './dead-letters/read.ts'
import { DEAD_MARK, type Death, toBytes, toDeadMessage } from './dead-message.ts'
import { DEAD_HEADROOM_BYTES, MAX_MESSAGE_BYTES, METADATA_BYTES } from './limits.ts'

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
  fc.integer({ min: 110_000, max: 127_000 }).map((length) => ({ padding: 'b'.repeat(length) })),
)
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

const sizeOf = (value: unknown): number =>
  typeof value === 'string'
    ? Buffer.byteLength(value)
    : value instanceof Uint8Array
      ? value.byteLength
      : JSON.stringify(value).length

test('a dead letter says all, keeps the body as it was, and is never too large', () => {
  fc.assert(
    fc.property(death, (given) => {
      const message = toDeadMessage(given)
      expect(sizeOf(message.body)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES - METADATA_BYTES)
      const sent = { id: 'message', timestamp: new Date(7), attempts: 1, body: structuredClone(message.body) }
      const read = readDeadMessage(sent, 'dlq')
      expect(plain(read.body)).toEqual(plain(given.body))
      if (message.body === given.body) {
        expect(sizeOf(given.body)).toBeGreaterThan(100_000)
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

test('fields that leave no room for a header make it go raw', () => {
  const job = { id: 'i'.repeat(5_000), name: 'n', queue: 'q', priority: 'normal', crashes: 0, enqueuedAt: 1 } as const
  const facts = { reason: 'exhausted', attempts: 1, diedAt: 2, redrives: 0, error: new Error('x') } as const
  expect(toDeadMessage({ ...facts, job, body: 'body' }).body).toBe('body')
})
