import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serviceUrl } from '../../../../scripts/services/service-url.ts'
import { toArrayLiteral } from '../../src/postgres/array-literal.ts'

const client = new Client(await serviceUrl('postgres'))
beforeAll(() => client.connect())
afterAll(() => client.end())

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\u0000', '')),
  fc.constantFrom('', 'null', 'NULL', 'Null', '{}', '{', ',', '"', '\\', '\\"', ' a ', "'; --", 'a\nb'),
)

it('the server reads texts as they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { maxLength: 20 }), async (values) => {
      const { rows } = await client.query('SELECT to_json($1::text[]) AS read', [toArrayLiteral(values)])
      expect(rows[0].read).toEqual(values)
    }),
    { numRuns: 300 },
  )
})

it('the server reads numbers and booleans as they are', async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(number)), fc.array(fc.option(fc.boolean())), async (numbers, booleans) => {
      const { rows } = await client.query(
        'SELECT to_json($1::float8[]) AS numbers, to_json($2::boolean[]) AS booleans',
        [toArrayLiteral(numbers), toArrayLiteral(booleans)],
      )
      expect(rows[0].numbers.map((n: number | null) => n ?? null)).toEqual(
        numbers.map((n) => (Object.is(n, -0) ? 0 : n)),
      )
      expect(rows[0].booleans).toEqual(booleans)
    }),
    { numRuns: 100 },
  )
})
