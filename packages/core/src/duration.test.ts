import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBytes, toMs } from './duration.ts'

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const BYTES = { b: 1, kb: 1_000, mb: 1_000_000, gb: 1_000_000_000, kib: 1_024, mib: 1_048_576, gib: 1_073_741_824 }

describe.each<[string, (value: never) => number, Record<string, number>]>([
  ['a duration', toMs, MS],
  ['a size', toBytes, BYTES],
])('%s', (what, parse, units) => {
  const convert = parse as (value: unknown) => number

  test('is a number, or a number with a unit, in either case', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.nat(999),
        fc.constantFrom(...Object.entries(units)),
        fc.boolean(),
        (whole, thousandths, [unit, factor], upper) => {
          const amount = `${whole}.${`${thousandths}`.padStart(3, '0')}`
          const expected = Math.round(Number(amount) * factor)
          expect(convert(`${amount}${upper ? unit.toUpperCase() : unit}`)).toBe(expected)
          expect(convert(`${whole}${unit}`)).toBe(whole * factor)
          expect(convert(whole)).toBe(whole)
        },
      ),
    )
  })

  test('is never anything else: the error says what is', () => {
    const pattern = new RegExp(`^\\s*\\d+(\\.\\d+)?(${Object.keys(units).join('|')})\\s*$`, 'i')
    const wrong = fc
      .oneof(
        fc.anything(),
        fc.string(),
        fc.tuple(fc.double(), fc.string()).map((parts) => parts.join('')),
        fc.double({ max: -0.001 }),
      )
      .filter(
        (value) =>
          !(typeof value === 'number' && value >= 0 && Number.isFinite(value)) &&
          !(typeof value === 'string' && pattern.test(value)),
      )
    fc.assert(
      fc.property(wrong, (value) => {
        expect(() => convert(value)).toThrow(
          expect.objectContaining({
            code: 'OPTION',
            message: expect.stringContaining(`is not ${what}; give a number, or one with a unit: `),
          }),
        )
      }),
    )
  })

  test.each([
    '',
    '5',
    's',
    '-5s',
    '5 s 3',
    '1e3s',
    '5parsecs',
    '5constructor',
    `${'9'.repeat(400)}${Object.keys(units).at(-1)}`,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    null,
    undefined,
    10n,
    {},
    [],
    true,
    Symbol('s'),
  ])('is not %s', (value) => {
    expect(() => convert(value)).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })

  test('is rounded to whole ones', () => {
    expect(convert(1.4)).toBe(1)
    expect(convert(1.5)).toBe(2)
    expect(convert(0)).toBe(0)
  })
})
