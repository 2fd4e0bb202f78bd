import { expect, test } from 'vitest'
import { toWorkerSettings } from './options.ts'

test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '9' as never])('a weight of %s is refused', (weight) => {
  expect(() => toWorkerSettings({ queues: ['a', { name: 'b', weight }] })).toThrow(
    expect.objectContaining({ code: 'OPTION', message: expect.stringContaining('weight of queue b') }),
  )
})

test('weights need not be whole', () => {
  const { queues } = toWorkerSettings({ queues: ['a', { name: 'b', weight: 0.5, concurrency: 2 }] })
  expect(queues).toEqual([{ name: 'a' }, { name: 'b', weight: 0.5, concurrency: 2 }])
})
