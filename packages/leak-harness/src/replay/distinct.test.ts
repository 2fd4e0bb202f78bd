import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DistinctCounter, MAX_DISTINCT } from './distinct.ts'

it('counts different texts, once each', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 50 }), (texts) => {
      const counter = new DistinctCounter()
      for (const text of [...texts, ...texts]) counter.add(text)
      expect(counter.count).toBe(new Set(texts).size)
    }),
    { numRuns: 30 },
  )
})

it('stops at its bound', () => {
  const counter = new DistinctCounter()
  for (let i = 0; i < MAX_DISTINCT + 1_000; i++) counter.add(`{"i":${i}}`)
  expect(counter.count).toBe(MAX_DISTINCT)
})
