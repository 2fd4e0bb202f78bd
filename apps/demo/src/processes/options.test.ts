import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
import { readOptions } from './options.ts'

const URL = 'postgres://localhost/shop'

test('defaults', () => {
  expect(readOptions([], {})).toEqual({
    place: { kind: 'embedded', folder: '.isobar/demo' },
    jobs: undefined,
    seed: undefined,
    concurrency: 20,
    fresh: false,
  })
})

test('flags', () => {
  expect(readOptions(['--jobs', '2_000', '--concurrency=4', '--seed', '7', '--fresh'], {})).toMatchObject({
    jobs: 2_000,
    concurrency: 4,
    seed: 7,
    fresh: true,
  })
})

test.each([
  [[], { kind: 'postgres', url: URL }],
  [['--database', 'postgres://other/shop'], { kind: 'postgres', url: 'postgres://other/shop' }],
  [['--folder', 'here'], { kind: 'embedded', folder: 'here' }],
  [['--memory'], { kind: 'memory' }],
])('with DATABASE_URL, %j is at %j', (args, place) => {
  expect(readOptions(args, { DATABASE_URL: URL })).toMatchObject({ place })
})

test('help', () => expect(readOptions(['--help'])).toBeUndefined())

test.each([
  ['--jobs', '0'],
  ['--jobs', 'many'],
  ['--jobs', ''],
  ['--concurrency', '1.5'],
  ['--colour', 'red'],
  ['--folder', ''],
  ['--memory', '--folder', 'here'],
  ['--database', URL, '--folder', 'here'],
  ['extra'],
])('%s %s is refused', (...args) => {
  expect(() => readOptions(args, {})).toThrow(DemoOptionError)
})
