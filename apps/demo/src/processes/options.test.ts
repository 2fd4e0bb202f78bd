import { expect, test } from 'vitest'
import { DemoOptionError } from '../errors.ts'
import { readOptions } from './options.ts'
import { ENDLESS } from './run.ts'

const DEFAULTS = { seed: undefined, concurrency: 20, fresh: false, leak: false }

test('with nothing said, the platform is served', () => {
  expect(readOptions([], {})).toEqual({
    ...DEFAULTS,
    place: { kind: 'embedded', folder: '.isobar/demo' },
    jobs: ENDLESS,
    serve: { port: 8_080, rate: 50 },
  })
})

test('with --jobs, a trace is run, at a place of its own', () => {
  expect(readOptions(['--jobs', '2_000'], {})).toEqual({
    ...DEFAULTS,
    place: { kind: 'embedded', folder: '.isobar/ledger' },
    jobs: 2_000,
  })
})

test('flags', () => {
  expect(readOptions(['--', '--concurrency=4', '--seed', '7', '--fresh', '--memory'], {})).toMatchObject({
    ...{ concurrency: 4, seed: 7, fresh: true, place: { kind: 'memory' } },
  })
})

test.each([
  [['--port', '0'], { rate: 50, port: 0 }],
  [['--port=8081', '--rate', '7', '--leak'], { rate: 7, port: 8_081 }],
])('%j', (args, serve) => {
  expect(readOptions(args, {})).toMatchObject({ serve, jobs: ENDLESS, leak: args.includes('--leak') })
})

test.each(['--help', '-h'])('%s asks for help', (flag) => expect(readOptions([flag], {})).toBeUndefined())

test.each([
  ['--jobs', '0'],
  ['--jobs', 'many'],
  ['--jobs', ''],
  ['--concurrency', '1.5'],
  ['--colour', 'red'],
  ['--memory', '--folder', 'here'],
  ['--port', '65536'],
  ['--port', '-1'],
  ['--rate', '0'],
  ['--rate', '5', '--jobs', '5'],
  ['--port', '0', '--jobs', '5'],
  ['extra'],
])('%s %s is refused', (...args) => {
  expect(() => readOptions(args, {})).toThrow(DemoOptionError)
})
