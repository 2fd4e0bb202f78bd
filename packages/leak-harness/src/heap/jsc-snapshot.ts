import { ROOT, type Snapshot } from './snapshot.ts'
import { SnapshotError } from './snapshot-parser.ts'

/** A heap snapshot as the inspector of JavaScriptCore gives it, version 3. */
interface JscSnapshot {
  readonly version: number
  /** Four numbers each: id, bytes, class name, flags. */
  readonly nodes: readonly number[]
  readonly nodeClassNames: readonly string[]
  /** Four numbers each: id from, id to, type, name or index. */
  readonly edges: readonly number[]
  readonly edgeTypes: readonly string[]
  readonly edgeNames: readonly string[]
}

const FIELDS = 4

/** The engine's own cells: structures, code, tables. */
const INTERNAL_FLAG = 1

/** V8's words for what both engines have. */
const NODE_TYPES: readonly string[] = [
  'synthetic',
  'object',
  'hidden',
  'code',
  'object shape',
  'array',
  'string',
  'symbol',
  'bigint',
  'closure',
]
const EDGE_TYPES: readonly string[] = ['internal', 'property', 'element', 'context']

const TYPE_OF_CLASS: Readonly<Record<string, string>> = {
  string: 'string',
  symbol: 'symbol',
  BigInt: 'bigint',
  Function: 'closure',
  'Cell Butterfly': 'array',
  '<root>': 'synthetic',
}

/** What the engine has made of functions, and of the shapes of objects: what only these hold is nobody's. */
const CODE = /Executable$|CodeBlock$|^JSSourceCode$|^Callee$/
const SHAPE = /^Structure|^PropertyTable$|^SymbolTable$/

/** Classes under another name there. */
const CONTEXT = 'JSLexicalEnvironment'
const V8_CONTEXT = 'system / Context'

const EDGE_TYPE: Readonly<Record<string, string>> = {
  Internal: 'internal',
  Property: 'property',
  Index: 'element',
  Variable: 'context',
}

/**
 * Reads a snapshot of JavaScriptCore. Its ids are the same for as long as the debugger's session lasts, and rise, as V8's
 * do; it has no weak edges, and says nothing of scripts.
 * @throws {SnapshotError} when it is none.
 */
export function fromJscSnapshot(text: string): Snapshot {
  const { nodes, nodeClassNames, edges, edgeTypes, edgeNames } = parse(text)
  const nodeCount = nodes.length / FIELDS
  const edgeCount = edges.length / FIELDS
  const index = new Map<number, number>()
  const type = new Uint8Array(nodeCount)
  const name = new Uint32Array(nodeCount)
  const id = new Float64Array(nodeCount)
  const size = new Float64Array(nodeCount)
  const classTypes = nodeClassNames.map((one) => NODE_TYPES.indexOf(typeOfClass(one)))
  const hidden = NODE_TYPES.indexOf('hidden')
  const object = NODE_TYPES.indexOf('object')
  const context = nodeClassNames.indexOf(CONTEXT)
  for (let node = 0, at = 0; node < nodeCount; node++, at += FIELDS) {
    id[node] = nodes[at] as number
    size[node] = nodes[at + 1] as number
    const className = nodes[at + 2] as number
    name[node] = className
    const kind = classTypes[className] ?? object
    const isInternal = ((nodes[at + 3] as number) & INTERNAL_FLAG) !== 0
    type[node] = isInternal && kind === object && className !== context ? hidden : kind
    index.set(id[node] as number, node)
  }

  const indexOf = (at: number): number => index.get(edges[at] as number) ?? ROOT
  const { orphans, rooted } = withoutOwner(nodeCount, edges, indexOf)
  const string = NODE_TYPES.indexOf('string')
  for (const node of rooted) if (type[node] === string) type[node] = hidden

  const firstEdge = new Uint32Array(nodeCount + 1)
  const count = (node: number, more: number): void => {
    firstEdge[node + 1] = (firstEdge[node + 1] as number) + more
  }
  count(ROOT, orphans.length)
  for (let at = 0; at < edges.length; at += FIELDS) count(indexOf(at), 1)
  for (let node = 0; node < nodeCount; node++) count(node, firstEdge[node] as number)
  const next = firstEdge.slice()
  const edgeType = new Uint8Array(edgeCount + orphans.length)
  const edgeName = new Uint32Array(edgeCount + orphans.length)
  const edgeTo = new Uint32Array(edgeCount + orphans.length)
  const add = (from: number, to: number, kind: number, name: number): void => {
    const edge = next[from] as number
    next[from] = edge + 1
    edgeType[edge] = kind
    edgeTo[edge] = to
    edgeName[edge] = name
  }
  const edgeKinds = edgeTypes.map((one) => EDGE_TYPES.indexOf(EDGE_TYPE[one] ?? 'internal'))
  const element = EDGE_TYPES.indexOf('element')
  const internal = EDGE_TYPES.indexOf('internal')
  const isNamed = (at: number): boolean => edgeKinds[edges[at + 2] as number] !== internal
  // Many are there twice, with a name and without: the way with a name comes first.
  for (const named of [true, false]) {
    for (let at = 0; at < edges.length; at += FIELDS) {
      if (isNamed(at) !== named) continue
      const kind = edgeKinds[edges[at + 2] as number] ?? internal
      const nameOrIndex = edges[at + 3] as number
      // Of an element it is the index; names come after those of the classes.
      const hasText = named && kind !== element
      add(indexOf(at), indexOf(at + 1), kind, hasText ? nodeClassNames.length + nameOrIndex : nameOrIndex)
    }
  }
  for (const node of orphans) add(ROOT, node, element, 0)
  return {
    nodeCount,
    ...{ type, name, id, size, firstEdge, edgeType, edgeName, edgeTo },
    nodeTypes: NODE_TYPES,
    edgeTypes: EDGE_TYPES,
    locations: new Map(),
    text(string) {
      if (string === context) return V8_CONTEXT
      return nodeClassNames[string] ?? edgeNames[string - nodeClassNames.length] ?? ''
    },
  }
}

function typeOfClass(name: string): string {
  if (CODE.test(name)) return 'code'
  return SHAPE.test(name) ? 'object shape' : (TYPE_OF_CLASS[name] ?? 'object')
}

/**
 * All that is in a snapshot lives, but not all has an edge to it: what is in a Map or a Set has none, and so have they no
 * owner. Of what hangs on the roots alone, strings are names that the engine knows, and come from its debugger, too.
 */
function withoutOwner(
  nodeCount: number,
  edges: readonly number[],
  indexOf: (at: number) => number,
): { readonly orphans: readonly number[]; readonly rooted: readonly number[] } {
  const owned = new Uint8Array(nodeCount)
  const onRoot = new Uint8Array(nodeCount)
  for (let at = 0; at < edges.length; at += FIELDS) (indexOf(at) === ROOT ? onRoot : owned)[indexOf(at + 1)] = 1
  const orphans: number[] = []
  const rooted: number[] = []
  for (let node = 1; node < nodeCount; node++) {
    if (owned[node]) continue
    if (onRoot[node]) rooted.push(node)
    else orphans.push(node)
  }
  return { orphans, rooted }
}

function parse(text: string): JscSnapshot {
  let snapshot: Partial<JscSnapshot>
  try {
    snapshot = JSON.parse(text) as Partial<JscSnapshot>
  } catch (cause) {
    throw new SnapshotError('the heap snapshot cannot be read: it is not JSON', { cause })
  }
  const { version, nodes, edges } = snapshot
  if (version !== 3 || !Array.isArray(nodes) || !Array.isArray(edges) || nodes.length % FIELDS || edges.length % FIELDS)
    throw new SnapshotError(`the heap snapshot cannot be read: it is of version ${version}, and 3 is known`)
  return snapshot as JscSnapshot
}
