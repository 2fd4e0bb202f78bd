import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_PAYLOAD_TEXT, redact, toShown } from './payload.ts'

test('the shape stays, and every value is its type', () => {
  const data = { to: 'ann@example.org', tries: 3, urgent: true, none: null, tags: ['a', { b: 1 }], empty: {}, list: [] }
  expect(JSON.parse(redact(JSON.stringify(data)))).toEqual({
    to: 'string',
    tries: 'number',
    urgent: 'boolean',
    none: 'null',
    tags: ['string', { b: 'number' }],
    empty: {},
    list: [],
  })
  expect(redact('"secret"')).toBe('"string"')
  expect(redact('secret')).toBe('"not JSON"')
})

test('what is large or deep is cut, and says so', () => {
  expect(JSON.parse(redact(JSON.stringify(Array(1_000).fill(1)))).at(-1)).toBe('… 800 more')
  const wide = JSON.parse(
    redact(JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`k${n}`, 1])))),
  )
  expect(wide['…']).toBe('800 more')
  let deep: unknown = 'secret'
  for (let n = 0; n < 1_000; n++) deep = { deep }
  expect(redact(JSON.stringify(deep)).length).toBeLessThan(200)
})

test('no value of a payload is in its shape, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.stringMatching(/^[a-z]{4}$/), (value, secret) => {
      const text = redact(JSON.stringify([value, `secret-${secret}`, { key: `secret-${secret}` }]))
      expect(text).not.toContain('secret-')
      expect(JSON.parse(text).length).toBeGreaterThan(0)
      expect(text.length).toBeLessThan(30_000)
    }),
  )
})

test('a field named as a prototype is a field', () => {
  expect(redact('{"__proto__":{"a":1}}')).toBe('{"__proto__":{"a":"number"}}')
})

test('every kind of payload is shown, with its size', () => {
  expect(toShown({ value: { a: 'é' } }, true)).toEqual({ text: '{"a":"é"}', redacted: false, bytes: 10 })
  expect(toShown({ value: { a: 'é' } }, false)).toEqual({ text: '{"a":"string"}', redacted: true, bytes: 10 })
  const bytes = new TextEncoder().encode('{oops')
  const broken = { bytes, problem: 'Unexpected token oops' }
  expect(JSON.parse(toShown(broken, true).text)).toEqual({ problem: 'Unexpected token oops', unreadable: '{oops' })
  expect(toShown(broken, false)).toEqual({
    text: '{"problem":"string","unreadable":"string"}',
    redacted: true,
    bytes: 5,
  })
  const long = toShown({ text: `"${'a'.repeat(1_000_000)}"` }, true)
  expect([long.text.length, long.bytes]).toEqual([MAX_PAYLOAD_TEXT, 1_000_002])
})
