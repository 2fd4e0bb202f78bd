import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOpts } from './job-opts.ts'

test.each([
  [null, { delayMs: 0 }],
  ['{}', { delayMs: 0 }],
  ['{"attempts":3,"delay":250}', { delayMs: 250 }],
  ['{"delay":-5}', { delayMs: 0 }],
  ['{"tm":"{\\"traceparent\\":\\"00-1-2-01\\"}"}', { delayMs: 0, trace: '{"traceparent":"00-1-2-01"}' }],
  ['{"removeOnComplete":true}', { delayMs: 0, keep: { count: 0 } }],
  ['{"removeOnComplete":false}', { delayMs: 0, keep: { count: -1 } }],
  ['{"removeOnComplete":7}', { delayMs: 0, keep: { count: 7 } }],
  ['{"removeOnComplete":{"age":60,"count":2}}', { delayMs: 0, keep: { age: 60, count: 2 } }],
  ['{"removeOnComplete":null}', { delayMs: 0 }],
  ['{"delay":', { delayMs: 0 }],
  ['["\\"delay\\":"]', { delayMs: 0 }],
])('options %s', (text, expected) => {
  expect(readOpts(text)).toEqual(expected)
})

test('whatever is stored, it reads it or takes it for nothing', () => {
  const names = fc.constantFrom('delay', 'tm', 'removeOnComplete', 'attempts')
  fc.assert(
    fc.property(fc.dictionary(names, fc.jsonValue()), fc.string(), (opts, junk) => {
      const { delayMs, trace, keep } = readOpts(JSON.stringify(opts))
      expect(delayMs).toBe(typeof opts.delay === 'number' && opts.delay > 0 ? opts.delay : 0)
      expect(trace).toBe(typeof opts.tm === 'string' && opts.tm !== '' ? opts.tm : undefined)
      if (keep?.count !== undefined) expect(keep.count).toEqual(expect.any(Number))
      expect(readOpts(`${junk}"delay":`).delayMs).toBe(0)
    }),
  )
})
