import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startOf, toCursor } from './dead-page.ts'

test('a cursor means its place, whatever the id', () => {
  const queue = fc.string({ minLength: 1 }).filter((text) => !text.includes(':'))
  fc.assert(
    fc.property(queue, fc.string({ minLength: 1 }), fc.nat(), (queue, id, diedAt) => {
      expect(startOf(toCursor({ queue, id, diedAt }))).toEqual({ queue, id, diedAt })
    }),
  )
})

test.each(['', '12', 'x:queue:id', '12::id', '12:queue:'])('%j is no cursor', (cursor) => {
  expect(startOf(cursor)).toBeNull()
})
