import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toCanonicalText } from './canonical.ts'

/** A value with the keys of its objects in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const copy: Record<string, unknown> = Object.create(null)
  for (const [key, inner] of Object.entries(value).reverse()) copy[key] = reversed(inner)
  return copy
}

describe('toCanonicalText', () => {
  it('is the same for what holds the same, in whatever order its keys are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toCanonicalText(reversed(value))).toBe(toCanonicalText(value))
      }),
    )
  })

  it('differs for JSON that differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const json = (value: unknown): string => JSON.stringify(reversed(reversed(value)))
        if (toCanonicalText(a) === toCanonicalText(b))
          expect(toCanonicalText(JSON.parse(json(a)))).toBe(toCanonicalText(b))
        else expect(json(a)).not.toBe(json(b))
      }),
    )
  })

  it('never throws and never runs on', () => {
    fc.assert(
      fc.property(fc.anything({ withMap: true, withSet: true, withTypedArray: true, withBigInt: true }), (value) => {
        expect(toCanonicalText(value, 100).length).toBeLessThanOrEqual(100)
      }),
    )
    const endless = {
      *[Symbol.iterator]() {},
      get more() {
        return endless.make()
      },
      make: (): unknown => ({ ...endless }),
    }
    expect(toCanonicalText(new Array(1e6).fill('x'), 1_000)).toHaveLength(1_000)
    expect(typeof toCanonicalText(endless)).toBe('string')
  })

  class Invoice {
    total = 1
  }
  const circular: Record<string, unknown> = { a: 1 }
  circular.self = circular

  it.each([
    [undefined, 'undefined'],
    [-0, '0'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [() => 1, '[function]'],
    [Symbol('s'), 'Symbol(s)'],
    [new Date(0), 'Date "1970-01-01T00:00:00.000Z"'],
    [new Set([2, 1]), 'Set {2,1}'],
    [new Map([['a', { b: 1 }]]), 'Map {["a",{"b":1}]}'],
    [/a/g, 'RegExp /a/g'],
    [new TypeError('no'), 'TypeError "no"'],
    [Uint8Array.of(1, 2), 'Uint8Array 2 AQI='],
    [new Invoice(), 'Invoice {"total":1}'],
    [Promise.resolve(), 'Promise {}'],
    [circular, '{"a":1,"self":[circular]}'],
    [[], '[]'],
    [{ b: undefined, a: null }, '{"a":null,"b":undefined}'],
  ])('writes %o', (value, text) => expect(toCanonicalText(value)).toBe(text))

  it('gives up an object that throws', () => {
    const broken = {
      get a() {
        throw new Error('no')
      },
    }
    expect(toCanonicalText([broken, 1])).toBe('[{"a":[throws],1]')
  })
})
