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
    leak: false,
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

test.each([
  [['--serve'], { rate: 50 }],
  [['--port', '0'], { rate: 50, port: 0 }],
  [['--serve', '--port=8080', '--rate', '7', '--leak'], { rate: 7, port: 8_080 }],
])('%j serves without end', (args, serve) => {
  expect(readOptions(args, {})).toMatchObject({ serve, jobs: 2_147_483_647, leak: args.includes('--leak') })
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
  ['--port', '65536'],
  ['--port', '-1'],
  ['--serve', '--rate', '0'],
  ['--rate', '5'],
  ['--serve', '--jobs', '5'],
  ['extra'],
])('%s %s is refused', (...args) => {
  expect(() => readOptions(args, {})).toThrow(DemoOptionError)
})
