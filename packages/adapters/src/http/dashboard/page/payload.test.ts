import { expect, it } from 'vitest'
import { MAX_SHOWN, payloadNote, readable, readableValue } from './payload.ts'

it('says that values are left out, where they are', () => {
  expect(payloadNote({ text: '{"to":"string"}', redacted: true, bytes: 1_234 })).toBe('1.2\u00a0kB, values left out')
  expect(payloadNote({ text: '{"to":"ann"}', redacted: false, bytes: 12 })).toBe('12\u00a0B')
})

it('lays JSON out, and leaves other text as it is', () => {
  expect(readable('{"to":"string"}')).toBe('{\n  "to": "string"\n}')
  expect(readable('{"to":')).toBe('{"to":')
  expect(readableValue({ rows: 3 })).toBe('{\n  "rows": 3\n}')
  expect(readableValue(null)).toBe('null')
  expect(readableValue(undefined)).toBeUndefined()
})

it('shows only so much of it', () => {
  const shown = readable('x'.repeat(MAX_SHOWN + 50))
  expect(shown).toHaveLength(MAX_SHOWN + '\n… 50 more characters'.length)
  expect(shown.endsWith('\n… 50 more characters')).toBe(true)
  expect(readable('x'.repeat(MAX_SHOWN))).toBe('x'.repeat(MAX_SHOWN))
})
