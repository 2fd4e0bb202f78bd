import { type GrowingStrings, GrowingUint32 } from './growing.ts'
import type { Location, Snapshot } from './snapshot.ts'

/** What the head of a snapshot says of its shape. */
interface Meta {
  readonly node_fields: readonly string[]
  readonly node_types: readonly (string | readonly string[])[]
  readonly edge_fields: readonly string[]
  readonly edge_types: readonly (string | readonly string[])[]
  readonly location_fields?: readonly string[]
}

/** The head of a snapshot, with the lengths of what follows. */
export interface Head {
  readonly meta: Meta
  readonly node_count: number
  readonly edge_count: number
}

/** The lists of numbers of a snapshot, as they fill. */
export class SnapshotLists {
  readonly #head: Head
  readonly #type: Uint8Array
  readonly #name: Uint32Array
  readonly #id: Float64Array
  readonly #size: Float64Array
  readonly #firstEdge: Uint32Array
  readonly #edgeType: Uint8Array
  readonly #edgeName: Uint32Array
  readonly #edgeTo: Uint32Array
  readonly #locations = new GrowingUint32()
  #nodes = 0
  #edges = 0

  constructor(head: Head) {
    this.#head = head
    const { node_count: nodes, edge_count: edges } = head
    this.#type = new Uint8Array(nodes)
    this.#name = new Uint32Array(nodes)
    this.#id = new Float64Array(nodes)
    this.#size = new Float64Array(nodes)
    this.#firstEdge = new Uint32Array(nodes + 1)
    this.#edgeType = new Uint8Array(edges)
    this.#edgeName = new Uint32Array(edges)
    this.#edgeTo = new Uint32Array(edges)
  }

  get isWhole(): boolean {
    return this.#nodes === this.#head.node_count && this.#edges === this.#head.edge_count
  }

  /** Where the numbers of a list go. */
  sinkOf(key: string): (value: number) => void {
    if (key === 'nodes') return this.#nodeSink()
    if (key === 'edges') return this.#edgeSink()
    if (key === 'locations') return (value) => this.#locations.push(value)
    return () => {}
  }

  #nodeSink(): (value: number) => void {
    const fields = this.#head.meta.node_fields
    const [type, name, id, size, edges] = ['type', 'name', 'id', 'self_size', 'edge_count'].map((field) =>
      fields.indexOf(field),
    )
    let field = 0
    let firstEdge = 0
    return (value) => {
      const node = this.#nodes
      if (field === type) this.#type[node] = value
      else if (field === name) this.#name[node] = value
      else if (field === id) this.#id[node] = value
      else if (field === size) this.#size[node] = value
      else if (field === edges) {
        firstEdge += value
        this.#firstEdge[node + 1] = firstEdge
      }
      if (++field < fields.length) return
      field = 0
      this.#nodes++
    }
  }

  #edgeSink(): (value: number) => void {
    const { edge_fields: fields, node_fields } = this.#head.meta
    const [type, name, to] = ['type', 'name_or_index', 'to_node'].map((field) => fields.indexOf(field))
    let field = 0
    return (value) => {
      const edge = this.#edges
      if (field === type) this.#edgeType[edge] = value
      else if (field === name) this.#edgeName[edge] = value
      // Nodes are named by the place of their first field in the list.
      else if (field === to) this.#edgeTo[edge] = value / node_fields.length
      if (++field < fields.length) return
      field = 0
      this.#edges++
    }
  }

  toSnapshot(strings: GrowingStrings): Snapshot {
    const { meta, node_count } = this.#head
    return {
      nodeCount: node_count,
      ...{ type: this.#type, name: this.#name, id: this.#id, size: this.#size, firstEdge: this.#firstEdge },
      ...{ edgeType: this.#edgeType, edgeName: this.#edgeName, edgeTo: this.#edgeTo },
      nodeTypes: typesOf(meta.node_types),
      edgeTypes: typesOf(meta.edge_types),
      locations: this.#toLocations(),
      text: (string) => strings.text(string),
    }
  }

  #toLocations(): ReadonlyMap<number, Location> {
    const { location_fields: fields = [], node_fields } = this.#head.meta
    const places = ['object_index', 'script_id', 'line', 'column'].map((field) => fields.indexOf(field))
    const values = this.#locations.toArray()
    const locations = new Map<number, Location>()
    for (let at = 0; at + fields.length <= values.length; at += Math.max(1, fields.length)) {
      const [object = 0, script = 0, line = 0, column = 0] = places.map((place) => values[at + place])
      locations.set(object / node_fields.length, { script, line, column })
    }
    return locations
  }
}

function typesOf(types: readonly (string | readonly string[])[]): readonly string[] {
  const [first] = types
  return typeof first === 'object' ? first : []
}
