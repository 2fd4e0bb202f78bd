import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reach } from '../../src/heap/reachability.ts'
import { retainingPath, toPath } from '../../src/heap/retaining-path.ts'
import { heavierGroups, survivorGrowth } from '../../src/heap/survivor-growth.ts'
import { ANY_OWNER, countSurvivors, withTotals } from '../../src/heap/survivors.ts'
import { type SmallNode, smallHeap } from './small-heap.ts'

const ROOT: SmallNode = { type: 'synthetic', edges: [['property', 'cache', 'cache']] }

describe('reach', () => {
  const reached = (nodes: Record<string, SmallNode>): string[] => {
    const snapshot = smallHeap(nodes)
    return [...reach(snapshot).order].map((node) => Object.keys(nodes)[node] as string)
  }

  it('goes along strong edges alone', () => {
    expect(
      reached({
        root: {
          type: 'synthetic',
          edges: [
            ['property', 'a', 'a'],
            ['weak', '0', 'b'],
          ],
        },
        a: { edges: [['element', '0', 'c']] },
        b: {},
        c: {},
      }),
    ).toEqual(['root', 'a', 'c'])
  })

  it('does not take the key of a WeakMap for the owner of its value', () => {
    const value: [string, string, string] = ['internal', '1 / part of key (Job @7) -> value (Note @9) pair', 'value']
    expect(
      reached({ root: { type: 'synthetic', edges: [['property', 'key', 'key']] }, key: { edges: [value] }, value: {} }),
    ).toEqual(['root', 'key'])
  })

  it('does not enter code, object shapes and the tables of the engine', () => {
    expect(
      reached({
        root: {
          type: 'synthetic',
          edges: [
            ['element', '1', 'code'],
            ['element', '2', 'shape'],
            ['element', '3', 'strings'],
          ],
        },
        code: { type: 'code', edges: [['internal', 'x', 'a']] },
        shape: { type: 'object shape', edges: [['internal', 'x', 'a']] },
        strings: { type: 'synthetic', name: '(Internalized strings)', edges: [['element', '0', 'a']] },
        a: {},
      }),
    ).toEqual(['root', 'code', 'shape', 'strings'])
  })

  it('follows a chain of any length', () => {
    const length = 50_000
    const nodes: Record<string, SmallNode> = { root: { type: 'synthetic', edges: [['property', 'head', 'n0']] } }
    for (let at = 0; at < length; at++)
      nodes[`n${at}`] = at + 1 < length ? { edges: [['property', 'next', `n${at + 1}`]] } : {}
    expect(reach(smallHeap(nodes)).order).toHaveLength(length + 1)
  })
})

describe('countSurvivors', () => {
  it('counts what was born since the warm-up, by constructor and by the nearest owner that is older', () => {
    const snapshot = smallHeap({
      root: { ...ROOT, id: 1 },
      cache: { name: 'Map', id: 3, edges: [['internal', 'table', 'table']] },
      // Made anew as the Map grew: whose it is owns what is in it.
      table: {
        type: 'array',
        id: 205,
        edges: [
          ['element', '0', 'old'],
          ['element', '1', 'first'],
          ['element', '2', 'second'],
          ['element', '3', 'last'],
        ],
      },
      old: { name: 'Invoice', id: 5 },
      first: { name: 'Invoice', id: 103 },
      second: { name: 'Invoice', id: 105, edges: [['property', 'lines', 'lines']] },
      lines: { name: 'Lines', id: 107 },
      last: { name: 'Invoice', id: 207 },
    })
    const groups = countSurvivors(snapshot, reach(snapshot), [100, 200, 300])
    expect(groups).toMatchObject([
      { constructorName: 'Invoice', owner: 3, population: 3, survivors: 2, born: 1, bytes: 48 },
      { constructorName: 'Lines', owner: 3, population: 1, survivors: 1, born: 0 },
    ])
  })

  it("passes over what is nobody's object", () => {
    const snapshot = smallHeap({
      root: {
        type: 'synthetic',
        id: 1,
        edges: [
          ['element', '0', 'code'],
          ['element', '1', 'own'],
          ['element', '2', 'context'],
        ],
      },
      code: { type: 'code', id: 101 },
      own: { name: 'system / Map', id: 103 },
      context: { name: 'system / Context', id: 105 },
    })
    expect(countSurvivors(snapshot, reach(snapshot), [100, 200, 300]).map((group) => group.constructorName)).toEqual([
      'system / Context',
    ])
  })
})

describe('withTotals', () => {
  const group = (owner: number, constructorName: string, population: number, survivors: number) => ({
    ...{ owner, constructorName, population, bytes: population * 16, born: 0, survivors },
    ...{ example: owner, latest: owner },
  })

  it('adds what several owners have together', () => {
    const groups = [group(3, 'Heartbeat', 4, 2), group(5, 'Heartbeat', 6, 3), group(3, 'Map', 1, 0)]
    expect(withTotals(groups)).toEqual([...groups, { ...group(ANY_OWNER, 'Heartbeat', 10, 5), example: 5, latest: 5 }])
  })
})

describe('survivorGrowth', () => {
  const census = (job: number, population: number, survivors: number) => ({
    job,
    groups: [{ constructorName: 'Invoice', owner: 3, population, bytes: 0, born: 0, survivors, example: 1, latest: 1 }],
  })
  const verdicts = (counts: Parameters<typeof survivorGrowth>[0]): string[] =>
    survivorGrowth(counts).map((series) => series.growth)

  it('finds a steady leak of any rate from four a cohort on, and no cache that is full', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 100_000 }), fc.integer({ min: 3, max: 6 }), (rate, cohorts) => {
        const leak = Array.from({ length: cohorts + 1 }, (_, at) => census(at * 5_000, at * rate, at < 2 ? 0 : rate))
        expect(verdicts(leak)).toEqual(['grows'])
        // All of a full cache is young, and survives for ever; there is no more of it than there was.
        const full = Array.from({ length: cohorts + 1 }, (_, at) => census(at * 5_000, rate, rate))
        expect(verdicts(full)).toEqual([])
      }),
    )
  })

  it('gives what slows down another cohort', () => {
    expect(verdicts([census(0, 0, 0), census(5_000, 1_000, 0), census(10_000, 1_300, 900)])).toEqual(['fills'])
  })

  it('does not mind fewer than four', () => {
    expect(verdicts([census(0, 0, 0), census(5_000, 3, 0), census(10_000, 6, 3)])).toEqual([])
  })
})

describe('heavierGroups', () => {
  const census = (job: number, bytes: number, population = 1) => ({
    job,
    groups: [
      {
        constructorName: '(string)',
        owner: 3,
        population,
        bytes,
        born: 1,
        survivors: 0,
        example: undefined,
        latest: 1,
      },
    ],
  })

  it('finds one text that goes on growing', () => {
    expect(heavierGroups([census(0, 100), census(5_000, 75_100), census(10_000, 150_100)])).toMatchObject([
      { constructorName: '(string)', bytesPerJob: 15 },
    ])
  })

  it('leaves what stands still, slows down, hardly grows, or has more objects to others', () => {
    expect(heavierGroups([census(0, 100), census(5_000, 75_100), census(10_000, 75_100)])).toEqual([])
    expect(heavierGroups([census(0, 100), census(5_000, 75_100), census(10_000, 80_000)])).toEqual([])
    expect(heavierGroups([census(0, 100), census(5_000, 2_000), census(10_000, 4_000)])).toEqual([])
    expect(heavierGroups([census(0, 1e5, 10), census(5_000, 2e5, 20), census(10_000, 3e5, 30)])).toEqual([])
  })
})

describe('retainingPath', () => {
  const path = (nodes: Record<string, SmallNode>, key: string, scripts: Record<number, string> = {}): string[] => {
    const snapshot = smallHeap(nodes)
    return toPath(retainingPath(snapshot, reach(snapshot), Object.keys(nodes).indexOf(key)), scripts)
  }
  const handler: SmallNode = {
    type: 'closure',
    name: 'default',
    location: { script: 7, line: 3, column: 0 },
    edges: [['internal', 'context', 'scope']],
  }

  it('begins with the file of the module under test, and leaves out what holds it', () => {
    const nodes: Record<string, SmallNode> = {
      root: { type: 'synthetic', edges: [['element', '1', 'global']] },
      global: { name: 'global', edges: [['context', 'module', 'module']] },
      module: { name: 'Object', edges: [['property', 'subject', 'subject']] },
      subject: { name: 'Object', edges: [['property', 'run', 'run']] },
      run: {
        type: 'closure',
        name: 'run',
        location: { script: 1, line: 0, column: 0 },
        edges: [['context', 'handler', 'handler']],
      },
      handler,
      scope: { name: 'system / Context', edges: [['context', 'seen', 'seen']] },
      seen: { name: 'Map', edges: [['internal', 'table', 'table']] },
      table: { type: 'array', edges: [['element', '1', 'invoice']] },
      invoice: { name: 'Invoice' },
    }
    const scripts = { 1: 'file:///x/subject.ts', 7: 'file:///srv/my%20jobs/app.ts?v=1' }
    expect(path(nodes, 'invoice', scripts)).toEqual(['my jobs/app.ts', 'variable seen: Map', '[] Invoice'])
  })

  it('names functions by package, file and line', () => {
    const nodes: Record<string, SmallNode> = {
      root: { type: 'synthetic', edges: [['property', 'onEnd', 'handler']] },
      handler,
      scope: { name: 'system / Context', edges: [['context', 'late', 'late']] },
      late: { name: 'Late' },
    }
    expect(path(nodes, 'handler', { 7: 'file:///srv/node_modules/.pnpm/a@1/node_modules/a/lib/b.js' })).toEqual([
      '.onEnd: function default (a/lib/b.js:4)',
    ])
  })

  it('begins with the file of a CommonJS module, which hangs on the table of modules', () => {
    const nodes: Record<string, SmallNode> = {
      root: { type: 'synthetic', edges: [['property', 'process', 'loader']] },
      loader: { name: 'Function', edges: [['property', '_cache', 'cache']] },
      cache: { name: 'Object', edges: [['property', '/srv/jobs/processor.js', 'entry']] },
      entry: { name: 'Module', edges: [['property', 'exports', 'handler']] },
      handler,
      scope: { name: 'system / Context', edges: [['context', 'sent', 'sent']] },
      sent: { name: 'Map' },
    }
    expect(path(nodes, 'sent')).toEqual(['jobs/processor.js', '.exports: function default', 'variable sent: Map'])
  })

  it('says once what repeats', () => {
    const nodes: Record<string, SmallNode> = { root: { type: 'synthetic', edges: [['property', 'list', 'n0']] } }
    for (let at = 0; at < 5_000; at++)
      nodes[`n${at}`] = { name: 'Node', edges: at < 4_999 ? [['property', 'next', `n${at + 1}`]] : [] }
    expect(path(nodes, 'n4999')).toEqual(['.list: Node', '.next: Node x 4,999'])
  })
})
