import { expect, test } from 'vitest'
import { parseArguments, toHelp, UsageError } from './arguments.ts'
import type { Group } from './group.ts'

const group = (name: string, ...targets: string[]): Group => ({ name, targets, run: async () => {} })
const postgres = group('postgres', 'P2', 'P5')
const size = group('size', 'P9')
const all = [postgres, size]
const parse = (...args: string[]) => parseArguments(args, all, '/base')

test('no name means all groups', () => {
  expect(parse()).toEqual({ groups: all, json: undefined, rounds: undefined, help: false })
})

test('a name is that of a group or of a target, in any case', () => {
  expect(parse('Size').groups).toEqual([size])
  expect(parse('p5').groups).toEqual([postgres])
  expect(parse('P9', 'size', 'P2').groups).toEqual([postgres, size])
})

test('the report goes to a path relative to where the command was called', () => {
  expect(parse('--json', 'out/report.json').json).toBe('/base/out/report.json')
  expect(parse('--json', '/tmp/report.json').json).toBe('/tmp/report.json')
})

test('rounds are a number', () => {
  expect(parse('--rounds', '5').rounds).toBe(5)
})

test('help names every group', () => {
  expect(parse('--help').help).toBe(true)
  for (const { name } of all) expect(toHelp(all)).toContain(name)
})

test.each([['speed'], ['--fast'], ['--json'], ['--rounds'], ['--rounds=0'], ['--rounds=1.5'], ['--rounds=many']])(
  '%s is an error',
  (arg) => {
    expect(() => parse(arg)).toThrow(UsageError)
  },
)
