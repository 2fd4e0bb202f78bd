import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { byteLength, decodeData, encodeData, readPayload } from './json.ts'

const MAX = 1_000_000

/** Anything that JSON can hold, with keys that look like trouble; `__proto__` itself is another matter. */
const json = fc
  .jsonValue({ noUnicodeString: false } as object)
  .filter((value) => !JSON.stringify(value).includes('__proto__'))

/** A key as JSON may spell it, each character escaped or not. */
const spelled = (key: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...[...key].map((char) => {
        const hex = char.charCodeAt(0).toString(16).padStart(4, '0')
        return fc.constantFrom(char, `\\u${hex}`, `\\u${hex.toUpperCase()}`)
      }),
    )
    .map((chars) => `"${chars.join('')}"`)

test('what is encoded decodes to the same', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(decodeData('job', encodeData('job', value, MAX), MAX)).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

describe('a key __proto__', () => {
  const around = fc.constantFrom<(pair: string) => string>(
    (pair) => `{${pair}}`,
    (pair) => `[0,{"a":{${pair}}}]`,
    (pair) => `{"a":1,${pair}}`,
    (pair) => `{ "__proto_" : [ { ${pair} } ] }`,
  )

  test('is found however it is spelled and wherever it is', () => {
    fc.assert(
      fc.property(around, spelled('__proto__'), fc.constantFrom('', ' ', '\n\t'), (wrap, key, space) => {
        expect(() => decodeData('job', wrap(`${key}${space}:{"isAdmin":true}`), MAX)).toThrow(
          expect.objectContaining({ code: 'DATA_PROTO' }),
        )
      }),
    )
  })

  test('is not found in values, nor in keys that are like it', () => {
    fc.assert(
      fc.property(
        around,
        spelled('__proto__'),
        fc.constantFrom('proto', '_proto_', '__proto__ ', 'x__proto__', 'constructor', 'prototype'),
        (wrap, value, key) => {
          const text = wrap(`${JSON.stringify(key)}:[${value}]`)
          expect(decodeData('job', text, MAX)).toEqual(JSON.parse(text))
        },
      ),
    )
  })

  test('is refused by who enqueues too', () => {
    expect(() => encodeData('job', JSON.parse('{"a":{"__proto__":1}}'), MAX)).toThrow(
      expect.objectContaining({ code: 'DATA_PROTO' }),
    )
  })
})

describe('the limit', () => {
  test('counts bytes of UTF-8, exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), fc.integer({ min: -3, max: 3 }), (value, slack) => {
        const text = JSON.stringify(value)
        const bytes = new TextEncoder().encode(text).byteLength
        expect(byteLength(text)).toBe(bytes)
        const tooLarge = expect.objectContaining({
          code: 'PAYLOAD_TOO_LARGE',
          message: expect.stringContaining(`${bytes} bytes`),
        })
        if (slack < 0) {
          expect(() => encodeData('job', value, bytes + slack)).toThrow(tooLarge)
          expect(() => decodeData('job', text, bytes + slack)).toThrow(tooLarge)
        } else {
          expect(encodeData('job', value, bytes + slack)).toBe(text)
          expect(decodeData('job', text, bytes + slack)).toBe(value)
        }
      }),
    )
  })
})

test('any text decodes, or is refused with a code and without being quoted', () => {
  const secret = 'hunter2'
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })), fc.boolean(), (text, marked) => {
      const given = marked ? `${text}${secret}` : text
      try {
        expect(decodeData('email.send', given, MAX)).toEqual(JSON.parse(given))
      } catch (error) {
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(UNREADABLE|DATA_PROTO)$/),
          message: expect.stringContaining('job email.send'),
        })
        expect((error as Error).message).not.toContain(secret)
        expect((error as Error).cause).toBeUndefined()
      }
    }),
  )
})

test('a parser that gives up on depth, as some do, has met data that is too deep', () => {
  const parse = vi.spyOn(JSON, 'parse').mockImplementation(() => {
    throw new RangeError('Maximum call stack size exceeded')
  })
  try {
    expect(() => decodeData('job', '[]', MAX)).toThrow(expect.objectContaining({ code: 'DATA_DEPTH' }))
  } finally {
    parse.mockRestore()
  }
})

test('a payload is read as what it is: text, a value, or bytes that nobody could read', () => {
  const read = (payload: Parameters<typeof readPayload>[0]['payload']): unknown =>
    readPayload(toDelivery('job', null, { payload }).job, MAX)
  const value = { a: 1 }
  expect(read({ text: '{"a":1}' })).toEqual(value)
  expect(read({ value })).toBe(value)
  expect(() => read({ bytes: new Uint8Array(), problem: 'it is empty' })).toThrow(
    expect.objectContaining({ code: 'UNREADABLE' }),
  )
})
