import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { toSpec } from './enqueue.ts'
import { defineJob } from './job.ts'
import type { StandardSchema } from './schema.ts'

const SECRET = 'hunter2'
const open = defineJob<unknown>({ name: 'open', maxBytes: '1mb' })

const refusal = async (make: () => unknown): Promise<{ code?: unknown; message: string }> => {
  try {
    await make()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was refused')
}

/** Arrays in arrays. */
function nest(depth: number): unknown {
  let value: unknown = []
  for (let level = 1; level < depth; level++) value = [value]
  return value
}

describe('what is enqueued is checked', () => {
  const cycle: { self?: unknown; secret: string } = { secret: SECRET }
  cycle.self = cycle
  const bad: readonly (readonly [string, unknown, string])[] = [
    ['a bigint', 10n, 'INVALID_DATA'],
    ['a bigint inside', { secret: SECRET, n: 10n }, 'INVALID_DATA'],
    ['a cycle', cycle, 'INVALID_DATA'],
    ['a function', () => SECRET, 'INVALID_DATA'],
    ['a symbol', Symbol(SECRET), 'INVALID_DATA'],
    [
      'a getter that throws',
      {
        get a() {
          throw new Error('no')
        },
      },
      'INVALID_DATA',
    ],
    ['a toJSON that answers nothing', { toJSON: () => undefined }, 'INVALID_DATA'],
    ['a key __proto__', JSON.parse(`{"a":{"__proto__":"${SECRET}"}}`), 'DATA_PROTO'],
    ['10 MB', SECRET.repeat(1_500_000), 'PAYLOAD_TOO_LARGE'],
    ['1 MB of characters of three bytes', '€'.repeat(333_334), 'PAYLOAD_TOO_LARGE'],
  ]
  test.each(bad)('%s is refused, naming the job and not the data', async (_, data, code) => {
    const { code: actual, message } = await refusal(() => toSpec(open, data))
    expect(actual).toBe(code)
    expect(message).toContain('job open')
    expect(message).not.toContain(SECRET)
    expect(message.length).toBeLessThan(400)
  })

  test('100,000 levels are refused where the engine does not go so deep, and written where it does', async () => {
    const deep = nest(100_000)
    let isDeepEnough = true
    try {
      JSON.stringify(deep)
    } catch {
      isDeepEnough = false
    }
    if (isDeepEnough) expect((await toSpec(open, deep)).text).toHaveLength(200_000)
    else expect((await refusal(() => toSpec(open, deep))).code).toBe('DATA_DEPTH')
  })

  test('a prototype is not touched by what is refused', async () => {
    await refusal(() => toSpec(open, JSON.parse('{"__proto__":{"polluted":true}}')))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  const good: readonly (readonly [string, unknown, string])[] = [
    ['undefined is null', undefined, 'null'],
    ['dates travel as JSON has them', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['undefined properties do not travel', { a: undefined, b: 1 }, '{"b":1}'],
    ['a value __proto__', ['__proto__', '\u0001'], '["__proto__","\\u0001"]'],
    ['1,000 levels', nest(1_000), '['.repeat(1_000) + ']'.repeat(1_000)],
    ['as many bytes as are allowed', 'x'.repeat(999_998), `"${'x'.repeat(999_998)}"`],
  ]
  test.each(good)('%s', async (_, data, text) => {
    expect(await toSpec(open, data)).toMatchObject({ name: 'open', text })
  })
})

describe('by the schema of its type', () => {
  test.each<[string, StandardSchema<{ to: string }>, boolean]>([
    ['zod', z.object({ to: z.email() }), false],
    ['valibot', v.object({ to: v.pipe(v.string(), v.email()) }), false],
    [
      'valibot, asynchronous',
      v.objectAsync({
        to: v.pipeAsync(
          v.string(),
          v.checkAsync(async (to) => to.includes('@')),
        ),
      }),
      true,
    ],
  ])('%s', async (_, data, asynchronous) => {
    const type = defineJob({ name: 'email.send', data })
    const spec = toSpec(type, { to: 'ann@example.org', extra: 1 })
    expect(spec instanceof Promise).toBe(asynchronous)
    // What travels is what was given: the schema is applied once, where the job runs.
    expect(await spec).toMatchObject({ text: '{"to":"ann@example.org","extra":1}' })
    const { code, message } = await refusal(() => toSpec(type, { to: SECRET }))
    expect(code).toBe('INVALID_DATA')
    expect(message).toMatch(/^data of job email\.send is not valid: to: /)
    expect(message).not.toContain(SECRET)
  })

  test('that throws', async () => {
    const validate = (): never => {
      throw new Error(SECRET)
    }
    const type = defineJob({ name: 'email.send', data: { '~standard': { version: 1, vendor: 'test', validate } } })
    const error = await refusal(() => toSpec(type, null))
    expect(error).toMatchObject({ code: 'INVALID_DATA', cause: new Error(SECRET) })
    expect(error.message).not.toContain(SECRET)
  })

  test('that takes null, data can be left out', async () => {
    expect(await toSpec(defineJob({ name: 'none', data: z.null() }), undefined)).toMatchObject({ text: 'null' })
  })
})

test('what the options leave out comes from the type', async () => {
  const type = defineJob({ name: 'type', queue: 'mail', priority: 'high', dedupe: { window: '1m' } })
  expect(await toSpec(type, null)).toEqual({
    name: 'type',
    queue: 'mail',
    priority: 'high',
    text: 'null',
    delayMs: 0,
  })
  expect(await toSpec(type, null, { key: 'k' })).toMatchObject({
    key: 'k',
    dedupe: { mode: 'window', windowMs: 60_000 },
  })
  expect(
    await toSpec(type, null, {
      key: 'k',
      dedupe: 'queued',
      queue: 'q',
      priority: 'low',
      delay: '2s',
      id: 'i',
      tenant: 't',
      trace: '{}',
    }),
  ).toEqual({
    name: 'type',
    queue: 'q',
    priority: 'low',
    text: 'null',
    delayMs: 2_000,
    id: 'i',
    tenant: 't',
    trace: '{}',
    key: 'k',
    dedupe: { mode: 'queued' },
  })
})

test('a delay that cannot be is refused', async () => {
  expect((await refusal(() => toSpec(open, null, { delay: -1 }))).code).toBe('OPTION')
})
