import { describe, expect, it } from 'vitest'
import { fromJscSnapshot } from '../../src/heap/jsc-snapshot.ts'
import { reach } from '../../src/heap/reachability.ts'
import { retainingPath, toPath } from '../../src/heap/retaining-path.ts'
import { highestId } from '../../src/heap/snapshot.ts'
import { countSurvivors } from '../../src/heap/survivors.ts'

const CLASSES = [
  '<root>',
  'GlobalObject',
  'JSModuleEnvironment',
  'Map',
  'Invoice',
  'string',
  'FunctionExecutable',
  'Array',
]
const EDGE_TYPES = ['Internal', 'Property', 'Index', 'Variable']
const NAMES = ['seen', 'text']

type Node = readonly [id: number, className: string, isInternal?: boolean]
type Edge = readonly [from: number, to: number, type: string, nameOrIndex?: string | number]

const snapshotOf = (nodes: readonly Node[], edges: readonly Edge[], version = 3): string =>
  JSON.stringify({
    version,
    type: 'Inspector',
    nodes: nodes.flatMap(([id, className, isInternal]) => [id, 16, CLASSES.indexOf(className), isInternal ? 1 : 0]),
    nodeClassNames: CLASSES,
    edges: edges.flatMap(([from, to, type, name = 0]) => [
      ...[from, to, EDGE_TYPES.indexOf(type)],
      typeof name === 'string' ? NAMES.indexOf(name) : name,
    ]),
    edgeTypes: EDGE_TYPES,
    edgeNames: NAMES,
  })

/** A module whose Map has two invoices: what is in a Map has no edge to it. */
const NODES: readonly Node[] = [
  [0, '<root>'],
  [40, 'Invoice'],
  [3, 'GlobalObject'],
  [5, 'JSModuleEnvironment'],
  [9, 'Map'],
  [30, 'Invoice'],
  [31, 'string'],
  [12, 'string'],
  [14, 'FunctionExecutable', true],
  [15, 'string'],
]
const EDGES: readonly Edge[] = [
  [0, 3, 'Internal'],
  [0, 12, 'Internal'],
  [3, 5, 'Internal'],
  [5, 9, 'Internal'],
  [5, 9, 'Variable', 'seen'],
  [30, 31, 'Property', 'text'],
  [3, 14, 'Internal'],
  [14, 15, 'Internal'],
]

describe('fromJscSnapshot', () => {
  it('keeps ids, and names a path by the edges that have a name', () => {
    const snapshot = fromJscSnapshot(snapshotOf(NODES, EDGES))
    expect(highestId(snapshot)).toBe(40)
    const reached = reach(snapshot)
    const map = snapshot.id.indexOf(9)
    expect(toPath(retainingPath(snapshot, reached, map), {})).toEqual(['module', 'variable seen: Map'])
  })

  it('gives what has no owner to the root, so that it is counted', () => {
    const snapshot = fromJscSnapshot(snapshotOf(NODES, EDGES))
    const groups = countSurvivors(snapshot, reach(snapshot), [20, 35, 50])
    expect(groups).toMatchObject([
      { constructorName: 'Invoice', population: 2, survivors: 1, born: 1 },
      { constructorName: '(string)', population: 1, survivors: 1 },
    ])
  })

  it('leaves out names that hang on the roots, and what code alone holds', () => {
    const snapshot = fromJscSnapshot(snapshotOf(NODES, EDGES))
    const groups = countSurvivors(snapshot, reach(snapshot), [10, 11, 20])
    expect(groups.find(({ constructorName }) => constructorName === '(string)')?.born ?? 0).toBe(1)
  })

  it.each(['', '{}', snapshotOf(NODES, EDGES, 2), '{"version":3,"nodes":[1],"edges":[]}'])('refuses %j', (text) => {
    expect(() => fromJscSnapshot(text)).toThrow(/the heap snapshot cannot be read/)
  })
})
