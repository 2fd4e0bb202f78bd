import type { Location, Snapshot } from '../../src/heap/snapshot.ts'

/** One node of a small heap, by its own name; the first is the root. */
export interface SmallNode {
  readonly type?: string
  readonly name?: string
  /** Default: its place, times 2, plus 1, as V8 counts. */
  readonly id?: number
  readonly size?: number
  readonly location?: Location
  /** What it holds: kind of edge, its name, key of the other node. */
  readonly edges?: readonly (readonly [kind: string, name: string, to: string])[]
}

const NODE_TYPES = ['synthetic', 'object', 'string', 'closure', 'array', 'code', 'hidden', 'object shape', 'number']
const EDGE_TYPES = ['context', 'element', 'property', 'internal', 'weak']

/** A snapshot as V8 would give it, of a few nodes that a test can read. */
export function smallHeap(nodes: Readonly<Record<string, SmallNode>>): Snapshot {
  const keys = Object.keys(nodes)
  const all = Object.values(nodes)
  const edges = all.flatMap((node) => node.edges ?? [])
  const texts = [...new Set([...all.map((node) => node.name ?? ''), ...edges.map(([, name]) => name)])]
  const placeOf = new Map(keys.map((key, at) => [key, at]))
  const numberOf = new Map(texts.map((text, at) => [text, at]))
  const firstEdge = [0]
  for (const node of all) firstEdge.push((firstEdge.at(-1) as number) + (node.edges?.length ?? 0))
  return {
    nodeCount: all.length,
    type: Uint8Array.from(all, (node) => NODE_TYPES.indexOf(node.type ?? 'object')),
    name: Uint32Array.from(all, (node) => numberOf.get(node.name ?? '') as number),
    id: Float64Array.from(all, (node, at) => node.id ?? at * 2 + 1),
    size: Float64Array.from(all, (node) => node.size ?? 16),
    firstEdge: Uint32Array.from(firstEdge),
    edgeType: Uint8Array.from(edges, ([kind]) => EDGE_TYPES.indexOf(kind)),
    edgeName: Uint32Array.from(edges, ([, name]) => numberOf.get(name) as number),
    edgeTo: Uint32Array.from(edges, ([, , to]) => placeOf.get(to) as number),
    nodeTypes: NODE_TYPES,
    edgeTypes: EDGE_TYPES,
    locations: new Map(all.flatMap((node, at) => (node.location ? [[at, node.location]] : []))),
    text: (string) => texts[string] ?? '',
  }
}
