import { expect, test } from 'vitest'
import { printable } from './printable.ts'

test.each([
  ['plain, ünï 漢字 🙂', 'plain, ünï 漢字 🙂'],
  ['two\nlines\r\tand a tab', 'two\\nlines\\r\\tand a tab'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u009b2J', '\\x9b2J'],
  ['a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['\u0000\u007f', '\\x00\\x7f'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})
