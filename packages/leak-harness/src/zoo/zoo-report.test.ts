import { describe, expect, it } from 'vitest'
import type { ZooResult } from './run-zoo.ts'
import { zooExitCode, zooLine, zooToJson, zooToMarkdown, zooToText } from './zoo-report.ts'

const result = (some: Partial<ZooResult>): ZooResult => ({
  name: 'map-cache',
  runtime: 'node',
  kind: 'cache',
  truth: 'leak',
  verdict: 'leak',
  because: 'a Map gained entries',
  every: 1,
  seed: 1,
  jobs: 10_000,
  named: 'Customer in variable customers: Map',
  isSuspect: true,
  ms: 9_400,
  ...some,
})
const innocent = (some: Partial<ZooResult> = {}): ZooResult =>
  result({ name: 'lru', truth: 'flat', verdict: 'flat', because: 'all is flat', every: null, named: null, ...some })

describe('zooExitCode', () => {
  it.each([
    ['0 when all is right', [result({}), innocent()], 0],
    ['1 for a false positive', [innocent({ verdict: 'leak' })], 1],
    ['1 for a false negative', [result({ verdict: 'flat' }), innocent()], 1],
    ['2 when many are undecided', [result({}), innocent({ verdict: 'undecided' })], 2],
    ['0 when one in twenty is', [...Array<ZooResult>(19).fill(innocent()), innocent({ verdict: 'undecided' })], 0],
    ['3 when a run failed', [innocent({ verdict: 'leak' }), innocent({ verdict: 'failed' })], 3],
    ['2 for none', [], 2],
  ] as const)('%s', (_, results, code) => {
    expect(zooExitCode(results)).toBe(code)
  })
})

describe('zooToText', () => {
  it('sets runtimes side by side', () => {
    const text = zooToText([result({}), result({ runtime: 'bun', verdict: 'undecided' }), innocent()])
    expect(text).toMatch(/^bun +leaks +0 +0 +1 +0$/m)
    expect(text).toMatch(/^case +kind +truth +node +bun +named/m)
    expect(text).toMatch(/^map-cache +cache +leak +leak +undecided +Customer/m)
    expect(text).toMatch(/^lru +cache +flat +flat *$/m)
  })

  it('counts what was said by the truth, and lists the cases', () => {
    const text = zooToText([result({}), innocent(), innocent({ name: 'pool', kind: 'pool' })])
    expect(text).toMatch(/^runtime {2}in truth {2}said: leak {2}said: flat {2}said: undecided {2}said: failed\n/)
    expect(text).toMatch(/^node +leaks +1 +0 +0 +0$/m)
    expect(text).toMatch(/^node +is flat +0 +2 +0 +0$/m)
    expect(text).toMatch(/^map-cache +cache +leak +leak +Customer in variable customers: Map +1 in 1$/m)
    expect(text).toContain(
      '3 runs of 3 cases: 0 false positives, 0 false negatives, 0 undecided, 0 failed; 0 leaks found',
    )
  })

  it('says of what was not right why', () => {
    const text = zooToText([result({ verdict: 'flat', every: 100, because: 'flat\nas it seems' }), innocent()])
    expect(text).toContain('map-cache (node, leak, 1 in 100, seed 1) flat: flat\n')
    expect(text).toContain('1 false negatives')
  })

  it('takes the rarest rate that was found with every seed for the smallest leak', () => {
    const rates = [1, 10, 1_000].flatMap((every) => [1, 2].map((seed) => result({ every, seed })))
    expect(zooToText(rates)).toMatch(/ 1 in 1,000$/m)
    expect(zooToText([...rates, result({ every: 1_000, seed: 3, verdict: 'undecided' })])).toMatch(/ 1 in 10$/m)
    expect(zooToText([...rates, result({ verdict: 'undecided' })])).toMatch(/ leak 6×, undecided 1× /)
  })

  it('tells a leak that was found by something else', () => {
    expect(zooToText([result({ isSuspect: false })])).toContain('1 leaks found by something else')
  })
})

it('writes a page of Markdown in which names are no markup', () => {
  const page = zooToMarkdown([result({ named: '<symbol a|b>' }), innocent({ verdict: 'leak' })], 'Made now.')
  expect(page).toContain('# The zoo')
  expect(page).toContain('\n\nMade now.\n\n')
  expect(page).toContain('| map-cache | cache | leak | leak | \\<symbol a\\|b\\> | 1 in 1 |')
  expect(page).toContain('## What was not right\n\n- lru (node, flat, seed 1) leak: all is flat')
})

it('writes JSON with all results and the exit code', () => {
  const results = [result({}), innocent()]
  expect(JSON.parse(zooToJson(results))).toEqual({ version: 1, exitCode: 0, results })
})

it('tells of a result in a line', () => {
  expect(zooLine(result({ every: 1_000 }))).toBe(
    'right  map-cache in node, 1 in 1,000, seed 1: leak: Customer in variable customers: Map (9.4 s)',
  )
  expect(zooLine(innocent({ verdict: 'leak' }))).toBe('WRONG  lru in node, seed 1: leak (9.4 s)')
})
