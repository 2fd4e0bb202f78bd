import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type SchemaIssue, type StandardSchema, validate } from './schema.ts'

/** What a schema objects to. */
async function issuesOf(schema: StandardSchema<never, unknown>, value: unknown): Promise<readonly string[]> {
  const checked = await validate(schema as StandardSchema, value)
  return 'issues' in checked ? checked.issues : []
}

const refusing = (...issues: SchemaIssue[]): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) },
})

describe('an issue is a line', () => {
  test('with its path, whose parts are keys or objects with keys', async () => {
    const symbol = Symbol('s')
    const schema = refusing(
      { message: 'no path' },
      { message: 'empty path', path: [] },
      { message: 'plain', path: ['items', 0, 'price'] },
      { message: 'objects', path: [{ key: 'items' }, { key: 0 }, { key: symbol }] },
    )
    expect(await issuesOf(schema as never, 1)).toEqual([
      'no path',
      'empty path',
      'items.0.price: plain',
      'items.0.Symbol(s): objects',
    ])
  })

  test.each([
    ['Invalid email: Received "hunter2"', 'Invalid email: Received another value'],
    ['Expected number but received "hun"ter2"', 'Expected number but received another value'],
    ['Expected "x" but received 7', 'Expected "x" but received another value'],
    ['must be an email address (was "hunter2")', 'must be an email address (was another value)'],
    ['must be less than 5 (was -7.5e3)', 'must be less than 5 (was another value)'],
    ['two\nlines, received "hunter\n2"', 'two\nlines, received another value'],
    ['expected string, received undefined', 'expected string, received undefined'],
    ['expected "a" or "b"', 'expected "a" or "b"'],
  ])('without the value that a library quotes in it: %j', async (message, line) => {
    expect(await issuesOf(refusing({ message }) as never, 1)).toEqual([line])
  })

  test.each<[string, StandardSchema<never, unknown>]>([
    [
      'zod',
      z.object({
        a: z.email(),
        b: z.number(),
        c: z.enum(['x']),
        d: z.string().min(99),
        e: z.literal('x'),
        f: z.iso.datetime(),
      }) as never,
    ],
    [
      'valibot',
      v.object({
        a: v.pipe(v.string(), v.email()),
        b: v.number(),
        c: v.picklist(['x']),
        d: v.pipe(v.string(), v.minLength(99)),
        e: v.literal('x'),
        f: v.pipe(v.string(), v.isoDateTime()),
      }) as never,
    ],
  ])('of %s: none quotes what it refuses', async (_, schema) => {
    const secret = 'hunter"2'
    const issues = await issuesOf(schema, { a: secret, b: secret, c: secret, d: secret, e: secret, f: secret })
    expect(issues.map((issue) => issue.slice(0, 3))).toEqual(['a: ', 'b: ', 'c: ', 'd: ', 'e: ', 'f: '])
    expect(issues.join()).not.toMatch(/hunter/)
  })
})

test('schemas answer at once where they can', () => {
  expect(validate(z.string(), 'x')).toEqual({ value: 'x' })
  expect(
    validate(
      v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
      'x',
    ),
  ).toBeInstanceOf(Promise)
})

test('no issues at all are a refusal all the same', async () => {
  expect(await validate(refusing(), 1)).toEqual({ issues: [] })
})
