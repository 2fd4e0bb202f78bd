import { ROOT, type Snapshot } from './snapshot.ts'

/** What is reached from the root, in order of distance, with the way there. */
export interface Reached {
  /** Nodes, nearest first. */
  readonly order: Uint32Array
  /** Edge by which each node was reached; `NO_EDGE` for the root and for what was not. */
  readonly by: Int32Array
  /** Node from which each node was reached. */
  readonly from: Uint32Array
}

/** The root has none, and what is not reached. */
export const NO_EDGE = -1

/** Nodes that are not entered: what hangs on nothing else is the engine's own. */
const REFUSED_TYPES: readonly string[] = ['code', 'object shape']
const REFUSED_NAMES: readonly string[] = ['(Internalized strings)', '(Weak global handles)']

/** A list of all that workerd itself has made for JavaScript: who else holds one of those says more. */
const ASKED_LAST = 'workerd / HeapTracer'

/** How the edges of a WeakMap are named: the value is kept by the key, which is not what is looked for. */
const EPHEMERON = ' / part of key '

/**
 * Everything that is strongly reachable, in one breadth-first search. Weak edges are refused, those of WeakMaps from key
 * to value, and what is only behind code, object shapes or the table of internalized strings.
 */
export function reach(snapshot: Snapshot): Reached {
  const { nodeCount, firstEdge, edgeType, edgeTo, edgeTypes, edgeName, nodeTypes, type } = snapshot
  const order = new Uint32Array(nodeCount)
  const by = new Int32Array(nodeCount).fill(NO_EDGE)
  const from = new Uint32Array(nodeCount)
  const met = new Uint8Array(nodeCount)
  const weak = edgeTypes.indexOf('weak')
  const internal = edgeTypes.indexOf('internal')
  const refused = nodeTypes.map((name) => REFUSED_TYPES.includes(name))
  const isEphemeron = memo((string) => snapshot.text(string).includes(EPHEMERON))
  const isRefusedName = memo((string) => REFUSED_NAMES.includes(snapshot.text(string)))
  const isAskedLast = memo((string) => snapshot.text(string) === ASKED_LAST)
  const [synthetic, native] = [nodeTypes.indexOf('synthetic'), nodeTypes.indexOf('native')]
  const askedLast: number[] = []

  let length = 1
  order[0] = ROOT
  met[ROOT] = 1
  const enter = (node: number): void => {
    const end = firstEdge[node + 1] as number
    for (let edge = firstEdge[node] as number; edge < end; edge++) {
      const to = edgeTo[edge] as number
      const kind = edgeType[edge]
      if (met[to] || kind === weak || (kind === internal && isEphemeron(edgeName[edge] as number))) continue
      met[to] = 1
      by[to] = edge
      from[to] = node
      order[length++] = to
    }
  }
  for (let next = 0; next < length; next++) {
    const node = order[next] as number
    const nodeType = type[node] as number
    if (nodeType === native && isAskedLast(snapshot.name[node] as number)) askedLast.push(node)
    else if (!refused[nodeType] && !(nodeType === synthetic && isRefusedName(snapshot.name[node] as number)))
      enter(node)
    if (next === length - 1) for (const one of askedLast.splice(0)) enter(one)
  }
  return { order: order.subarray(0, length), by, from }
}

/** Asks once for each string. */
function memo(ask: (string: number) => boolean): (string: number) => boolean {
  const answers = new Map<number, boolean>()
  return (string) => {
    const known = answers.get(string)
    if (known !== undefined) return known
    const answer = ask(string)
    answers.set(string, answer)
    return answer
  }
}
