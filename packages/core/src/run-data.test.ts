import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { codeOf, ENQUEUED_AT, messageOf, toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import type { Outcome, StoredJob } from './broker.ts'
import { defineJob } from './job.ts'
import type { StandardSchema } from './schema.ts'
import { createFakeClock } from './testing/fake-clock.ts'

const SECRET = 'hunter2'

/** A Standard Schema made by hand, asynchronous, of `{ to }`. */
const handMade: StandardSchema<{ to: string }, { to: string; checked: true }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    async validate(value) {
      await Promise.resolve()
      const { to } = (value ?? {}) as { to?: unknown }
      if (typeof to === 'string' && to.includes('@')) return { value: { to, checked: true } }
      return { issues: [{ message: 'must be an address', path: [{ key: 'to' }] }] }
    },
  },
}

/** The outcome of a payload, and whether the handler was reached. */
async function run(
  data: StandardSchema | undefined,
  payload: StoredJob['payload'],
  maxBytes?: number,
): Promise<{ outcome: Outcome; reached: boolean }> {
  let reached = false
  const type = defineJob({ name: 'email.send', data: data as StandardSchema<unknown>, ...(maxBytes && { maxBytes }) })
  const app = createApp().on(type, (ctx) => {
    reached = true
    return ctx.data
  })
  return { outcome: await app.run(toDelivery('email.send', null, { payload })), reached }
}

const schemas: readonly (readonly [string, StandardSchema<{ to: string }>])[] = [
  ['zod', z.object({ to: z.email() })],
  ['valibot', v.object({ to: v.pipe(v.string(), v.email()) })],
  [
    'valibot, asynchronous',
    v.objectAsync({
      to: v.pipeAsync(
        v.string(),
        v.checkAsync(async (to) => to.includes('@'), 'must be an address'),
      ),
    }),
  ],
  ['made by hand, asynchronous', handMade],
]

describe.each(schemas)('a schema of %s', (_, schema) => {
  test('gives the handler its data', async () => {
    const { outcome } = await run(schema, { text: '{"to":"ann@example.org"}' })
    expect(outcome).toMatchObject({ kind: 'ack', result: { to: 'ann@example.org' } })
  })

  test.each([`{"to":"${SECRET}"}`, `{"to":${'7'.repeat(9)}}`, `"${SECRET}"`, '[]', 'null', '{}'])(
    'refuses %s: dead, without the handler, naming the job and not the data',
    async (text) => {
      const { outcome, reached } = await run(schema, { text })
      expect({ ...outcome, reached }).toMatchObject({
        kind: 'dead',
        reason: 'invalid',
        reached: false,
        error: { code: 'INVALID_DATA' },
      })
      expect(messageOf(outcome)).toContain('email.send')
      expect(messageOf(outcome)).not.toMatch(/hunter2|7777/)
    },
  )
})

test('a schema transforms once: the wire carries its input, the handler sees its output', async () => {
  let transforms = 0
  const toDate = (at: string): Date => {
    transforms++
    return new Date(at)
  }
  const schema = z.object({ at: z.iso.datetime().transform(toDate) })
  const { outcome } = await run(schema, { text: '{"at":"2026-01-02T03:04:05Z"}' })
  expect(outcome).toEqual({ kind: 'ack', result: { at: new Date('2026-01-02T03:04:05Z') } })
  expect(transforms).toBe(1)
})

describe('a schema that throws has not accepted the data', () => {
  const answers: readonly (readonly [string, () => unknown])[] = [
    [
      'at once',
      () => {
        throw new Error(`in the schema: ${SECRET}`)
      },
    ],
    ['later', () => Promise.reject(new Error(`in the schema: ${SECRET}`))],
    ['no answer at all', () => undefined],
    ['an answer of its own kind', () => Promise.resolve({ issues: 'none' })],
  ]
  test.each(answers)('%s', async (_, validate) => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as unknown as StandardSchema
    const { outcome, reached } = await run(schema, { text: `"${SECRET}"` })
    expect({ ...outcome, reached }).toMatchObject({
      kind: 'dead',
      reason: 'invalid',
      reached: false,
      error: { code: 'INVALID_DATA', cause: expect.any(Error) },
    })
    expect(messageOf(outcome)).toContain('email.send')
    expect(messageOf(outcome)).not.toContain(SECRET)
  })

  test('as with data nested deeper than it can go', async () => {
    type Nested = Nested[]
    const nested: z.ZodType<Nested> = z.lazy(() => z.array(nested))
    const { outcome } = await run(nested, { text: '['.repeat(100_000) + ']'.repeat(100_000) })
    expect(outcome).toMatchObject({
      kind: 'dead',
      reason: 'invalid',
      error: { code: 'INVALID_DATA', cause: expect.any(RangeError) },
    })
  })
})

describe('data that cannot be taken is dead, with its reason, naming the job and not the data', () => {
  const bad: readonly (readonly [string, StoredJob['payload'], string, string])[] = [
    ['not JSON', { text: `{"a":"${SECRET}"` }, 'unreadable', 'UNREADABLE'],
    ['nothing', { text: '' }, 'unreadable', 'UNREADABLE'],
    [
      'a message without a body that could be read',
      { bytes: new Uint8Array([0xff]), problem: 'it is not text' },
      'unreadable',
      'UNREADABLE',
    ],
    [
      'a message too large to read',
      { bytes: new Uint8Array(9), problem: 'it has 9 bytes', oversized: true },
      'oversized',
      'UNREADABLE',
    ],
    ['a key __proto__', { text: `{"a":[{"__proto__":{"isAdmin":"${SECRET}"}}]}` }, 'invalid', 'DATA_PROTO'],
    ['a key __proto__, escaped', { text: `{"\\u005F_proto\\u005f\\u005f":"${SECRET}"}` }, 'invalid', 'DATA_PROTO'],
    ['more than its type allows', { text: `"${SECRET.padEnd(1_000_000, 'x')}"` }, 'oversized', 'PAYLOAD_TOO_LARGE'],
    ['more bytes, though not more characters', { text: `"${'€'.repeat(400_000)}"` }, 'oversized', 'PAYLOAD_TOO_LARGE'],
  ]
  test.each(bad)('%s', async (_, payload, reason, code) => {
    const { outcome, reached } = await run(undefined, payload)
    expect({ ...outcome, reached }).toMatchObject({ kind: 'dead', reason, reached: false, error: { code } })
    if ('text' in payload) expect(messageOf(outcome)).toContain('email.send')
    expect(messageOf(outcome)).not.toContain(SECRET)
  })
})

describe('data that can be taken reaches the handler as it was', () => {
  test('a value called __proto__', async () => {
    expect((await run(undefined, { text: '{"key":"__proto__"}' })).outcome).toEqual({
      kind: 'ack',
      result: { key: '__proto__' },
    })
  })

  test('what a broker has decoded already', async () => {
    expect((await run(undefined, { value: { a: [1] } })).outcome).toEqual({ kind: 'ack', result: { a: [1] } })
  })

  test('10 MB, where its type allows it', async () => {
    const data = { text: 'x'.repeat(10_000_000) }
    expect((await run(undefined, { text: JSON.stringify(data) }, 11_000_000)).outcome).toEqual({
      kind: 'ack',
      result: data,
    })
  })

  test('100,000 levels deep', async () => {
    const { outcome } = await run(undefined, { text: '['.repeat(100_000) + ']'.repeat(100_000) })
    expect(outcome.kind).toBe('ack')
  })
})

describe('a result schema', () => {
  const results: readonly (readonly [string, StandardSchema<{ id: string }>])[] = [
    ['synchronous', z.object({ id: z.string() })],
    ['asynchronous', v.objectAsync({ id: v.string() })],
  ]
  describe.each(results)('%s', (_, result) => {
    const type = defineJob({ name: 'email.send', data: z.null(), result })

    test('gives the result', async () => {
      const app = createApp().on(type, () => ({ id: '7', extra: true }))
      expect(await app.run(toDelivery('email.send'))).toEqual({ kind: 'ack', result: { id: '7' } })
    })

    test('that refuses is dead at once, as a repeat would repeat the effects', async () => {
      const app = createApp().on(type, async () => ({ id: { secret: SECRET } }) as never)
      const outcome = await app.run(toDelivery('email.send'))
      expect(outcome).toMatchObject({
        kind: 'dead',
        reason: 'invalid-result',
        error: { code: 'INVALID_RESULT', issues: [expect.stringContaining('id: ')] },
      })
      expect(messageOf(outcome)).toContain('job email.send (id 42, queue default)')
      expect(messageOf(outcome)).not.toContain(SECRET)
    })
  })

  test('that throws is dead too', async () => {
    const schema: StandardSchema<unknown> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw new Error('in the schema')
        },
      },
    }
    const app = createApp().on(defineJob({ name: 'email.send', data: z.null(), result: schema }), () => 5)
    expect(await app.run(toDelivery('email.send'))).toMatchObject({
      kind: 'dead',
      reason: 'invalid-result',
      error: { code: 'INVALID_RESULT', cause: new Error('in the schema') },
    })
  })
})

describe('a job that nobody has a handler for', () => {
  const clock = createFakeClock()
  const app = createApp({ clock, unknownAfter: '15m' })
  const runAt = (ageMs: number): Promise<Outcome> =>
    app.run(toDelivery('new.job', null, { dueAt: ENQUEUED_AT - ageMs }))

  test('is put back, uncharged, at growing intervals of at most a minute', async () => {
    expect(await runAt(0)).toMatchObject({ kind: 'release', delayMs: 1_000, error: { code: 'UNKNOWN_JOB' } })
    expect(await runAt(123_456)).toMatchObject({ kind: 'release', delayMs: 12_346 })
    expect(await runAt(899_999)).toMatchObject({ kind: 'release', delayMs: 60_000 })
  })

  test('is dead after the time of a rolling deploy', async () => {
    expect(await runAt(900_000)).toMatchObject({ kind: 'dead', reason: 'unknown', error: { code: 'UNKNOWN_JOB' } })
  })

  test('counts from when it was due: a delay, or a redrive, is not its age', async () => {
    const late = await app.run(toDelivery('new.job', null, { enqueuedAt: 0, dueAt: ENQUEUED_AT - 5_000 }))
    expect(late).toMatchObject({ kind: 'release', delayMs: 1_000 })
    expect(await runAt(-60_000)).toMatchObject({ kind: 'release', delayMs: 1_000 })
  })

  test.each(['__proto__', 'constructor', 'toString'])('even if it is called %s', async (name) => {
    expect(codeOf(await app.run(toDelivery(name)))).toBe('UNKNOWN_JOB')
  })
})
