import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertId, Bases, Keys, toId, toJobKey } from './keys.ts'

const keys = new Keys('bull')
const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(':') && text !== 'isobar')

test('a number is told with its queue, and means that job again; other ids are as they are', () => {
  fc.assert(
    fc.property(name, fc.nat(), (queue, number) => {
      const id = toId(queue, String(number))
      expect(id).toBe(`${queue}:${number}`)
      expect(toJobKey(id)).toEqual({ queue, id: String(number) })
    }),
  )
  fc.assert(
    fc.property(name, fc.uuid(), (queue, id) => {
      expect(toId(queue, id)).toBe(id)
      expect(toJobKey(id)).toEqual({ queue: '', id })
    }),
  )
  // The next tick of a job scheduler of BullMQ.
  expect(toJobKey('repeat:daily:1700000000000')).toEqual({ queue: '', id: 'repeat:daily:1700000000000' })
})

test.each(['', '17', 'a:b', 'wait', 'meta', 'isobar', 'x'.repeat(1_001)])('the id %j is refused', (id) => {
  expect(() => assertId(id, 'work')).toThrow(expect.objectContaining({ code: 'OPTION' }))
})

test.each(['', 'a:b', 'isobar', 'x'.repeat(1_001)])('the queue %j is refused', (queue) => {
  expect(() => keys.base(queue)).toThrow(expect.objectContaining({ code: 'OPTION' }))
})

test('each queue is one key, in the order in which they came', () => {
  const bases = new Bases(keys, 'first')
  expect(['a', 'b', 'a', 'c'].map((queue) => bases.place(queue))).toEqual([2, 3, 2, 4])
  expect(bases.keys).toEqual(['first', 'bull:a:', 'bull:b:', 'bull:c:'])
})
