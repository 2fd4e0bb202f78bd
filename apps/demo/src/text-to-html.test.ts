import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textToHtml } from './text-to-html.ts'

test('blank lines part paragraphs, line ends break lines', () => {
  expect(textToHtml('Hello,\r\nthere.\r\n\r\nBye.\r\n')).toBe('<p>Hello,<br>there.</p>\n<p>Bye.</p>')
})

test('markup in the text is text', () => {
  expect(textToHtml(`<b>"R&D"</b> isn't`)).toBe('<p>&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt; isn&#39;t</p>')
})

test('no text, no HTML', () => expect(textToHtml(' \n ')).toBe(''))

test('only paragraphs and line breaks are tags, whatever the text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(textToHtml(text).replace(/<\/?p>|<br>/g, '')).not.toMatch(/[<>]/)
    }),
  )
})
