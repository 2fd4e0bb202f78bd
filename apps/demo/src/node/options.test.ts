import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
import { readOptions } from './options.ts'

test('defaults', () => expect(readOptions([])).toEqual({ jobs: 10_000, concurrency: 10, seed: 1 }))

test('flags', () => {
  expect(readOptions(['--jobs', '2_000', '--concurrency=4', '--seed', '7'])).toEqual({
    jobs: 2_000,
    concurrency: 4,
    seed: 7,
  })
})

test('help', () => expect(readOptions(['--help'])).toBeUndefined())

test.each([
  ['--jobs', '0'],
  ['--jobs', 'many'],
  ['--jobs', ''],
  ['--concurrency', '1.5'],
  ['--colour', 'red'],
  ['extra'],
])('%s %s is refused', (...args) => {
  expect(() => readOptions(args)).toThrow(DemoOptionError)
})
