/** A heap snapshot of V8 in typed arrays. Nodes and edges are numbers from 0 on. */
export interface Snapshot {
  readonly nodeCount: number
  /** Index into `nodeTypes` of each node. */
  readonly type: Uint8Array
  /** String number of each node's name. */
  readonly name: Uint32Array
  /** V8's id of each node: the same in all snapshots of a process, higher for what was born later. */
  readonly id: Float64Array
  /** Bytes of each node by itself. */
  readonly size: Float64Array
  /** Number of the first edge of each node; one more than there are nodes. */
  readonly firstEdge: Uint32Array
  /** Index into `edgeTypes` of each edge. */
  readonly edgeType: Uint8Array
  /** String number of each edge's name, or its index, by its type. */
  readonly edgeName: Uint32Array
  /** Node that each edge leads to. */
  readonly edgeTo: Uint32Array
  readonly nodeTypes: readonly string[]
  readonly edgeTypes: readonly string[]
  /** Where functions are in their scripts, by node: script number, line and column from 0. */
  readonly locations: ReadonlyMap<number, Location>
  /** The text of a string number. */
  text(string: number): string
}

/** A place in a script. */
export interface Location {
  readonly script: number
  readonly line: number
  readonly column: number
  /** Of a script that was bundled from many: where one of its variables is declared, if it is one of its own. */
  readonly declares?: (variable: string) => Location | undefined
}

/** The node that everything that lives hangs on. */
export const ROOT = 0

/** The highest id of a snapshot: what has a higher one in a later snapshot was born since. */
export function highestId({ id }: Snapshot): number {
  let highest = 0
  for (const one of id) if (one > highest) highest = one
  return highest
}
