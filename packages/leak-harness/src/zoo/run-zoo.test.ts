import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ZOO, type ZooCase } from './cases.ts'
import { runsOf } from './run-zoo.ts'

const ratesOf = (name: string, every?: readonly number[], jobs?: number) =>
  runsOf({ cases: ZOO.filter((one) => one.name === name), every, jobs }).map((run) => run.every)

it('has a case for each handler, and no other', () => {
  const handlers = readdirSync(new URL('./handlers/', import.meta.url)).map((file) => file.replace(/\.ts$/, ''))
  expect(ZOO.map(({ name }) => name).sort()).toEqual(handlers.sort())
})

it('takes the nearest rate that suits the case', () => {
  expect(ratesOf('map-cache')).toEqual([1])
  expect(ratesOf('map-cache', [1, 10, 1_000, 10_000])).toEqual([1, 10, 1_000])
  expect(ratesOf('map-cache', [1_000], 2_000)).toEqual([200])
  expect(ratesOf('open-file', [1, 5, 1_000])).toEqual([10, 1_000])
  expect(ratesOf('growing-buffer', [1, 1_000])).toEqual([1, 10])
  expect(ratesOf('rare-session')).toEqual([1_000])
  expect(ratesOf('lru', [1, 10])).toEqual([null])
})

it('runs each case with each seed, and no more jobs than it may have', () => {
  const cases = ZOO.filter(({ name }) => name === 'lru' || name === 'sockets-closed')
  expect(runsOf({ cases, seeds: [1, 2] }).map(({ seed, jobs }) => [seed, jobs])).toEqual([
    [1, 10_000],
    [2, 10_000],
    [1, 3_000],
    [2, 3_000],
  ])
})

it('runs each case in each runtime where it can run, by what it is there', () => {
  const cases: ZooCase[] = [
    { name: 'a', kind: 'x', verdict: 'leak' },
    { name: 'b', kind: 'x', verdict: 'leak', elsewhere: { bun: { leftOut: 'no such module' } } },
    { name: 'c', kind: 'x', verdict: 'leak', elsewhere: { bun: { verdict: 'flat', because: 'it collects that' } } },
  ]
  const runs = runsOf({ cases, runtimes: ['node', 'bun'] })
  expect(runs.map(({ zooCase, runtime, truth, every }) => [zooCase.name, runtime, truth, every])).toEqual([
    ['a', 'node', 'leak', 1],
    ['a', 'bun', 'leak', 1],
    ['b', 'node', 'leak', 1],
    ['c', 'node', 'leak', 1],
    ['c', 'bun', 'flat', null],
  ])
})
