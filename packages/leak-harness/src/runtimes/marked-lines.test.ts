import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MarkedLines } from './marked-lines.ts'

const MARK = '\u0001mark '

/** What somebody prints has no mark in it, and no part of one: nobody knows it. */
const printed = fc.string({ maxLength: 20 }).map((text) => text.replaceAll('\u0001', ''))
const line = fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text))

it('finds every line of its own, in whatever is printed around them, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(printed, line)),
      printed,
      fc.array(fc.nat({ max: 7 }), { minLength: 1 }),
      (parts, rest, sizes) => {
        const stream = `${parts.map(([before, own]) => `${before}${MARK}${own}\n`).join('')}${rest}`
        const lines = new MarkedLines(MARK, 1_000)
        const found: string[] = []
        let shown = ''
        for (let at = 0, n = 0; at < stream.length; n++) {
          const size = 1 + (sizes[n % sizes.length] as number)
          found.push(...(lines.add(stream.slice(at, at + size), (text) => (shown += text)) ?? []))
          at += size
        }
        expect(found).toEqual(parts.map(([, own]) => own))
        const all = parts.map(([before]) => before).join('') + rest
        // What may be the beginning of a mark is still held back.
        expect(all.startsWith(shown)).toBe(true)
        expect(all.length - shown.length).toBeLessThan(MARK.length)
      },
    ),
  )
})

it('takes every line for its own without a mark', () => {
  const lines = new MarkedLines('', 1_000)
  expect(lines.add('{"a":1}\n{"b"', () => {})).toEqual(['{"a":1}'])
  expect(lines.add(':2}\n', () => {})).toEqual(['{"b":2}'])
})

it('gives up on a line without an end', () => {
  expect(new MarkedLines(MARK, 10).add(`${MARK}${'x'.repeat(20)}`, () => {})).toBeUndefined()
})
