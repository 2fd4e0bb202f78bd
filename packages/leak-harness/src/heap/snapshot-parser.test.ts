import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { highestId, ROOT, type Snapshot } from './snapshot.ts'
import { parseSnapshot } from './snapshot-parser.ts'

/** Nodes and edges of a small snapshot, as V8 writes it. */
interface Small {
  readonly nodes: readonly { readonly name: string; readonly id: number; readonly size: number }[]
  readonly edges: readonly { readonly from: number; readonly to: number; readonly name: string }[]
}

function toJson({ nodes, edges }: Small): string {
  const strings = [...new Set([...nodes, ...edges].map(({ name }) => name))]
  const own = nodes.map((_, node) => edges.filter(({ from }) => from === node))
  const head = {
    meta: {
      node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'detachedness'],
      node_types: [['hidden', 'object'], 'string', 'number', 'number', 'number', 'number'],
      edge_fields: ['type', 'name_or_index', 'to_node'],
      edge_types: [['context', 'property'], 'string_or_number', 'node'],
      location_fields: ['object_index', 'script_id', 'line', 'column'],
    },
    node_count: nodes.length,
    edge_count: edges.length,
  }
  const numbers = (list: readonly number[]): string => `[${list.join(',\n')}]`
  return [
    `{"snapshot":${JSON.stringify(head)},`,
    `"nodes":${numbers(nodes.flatMap(({ name, id, size }, at) => [1, strings.indexOf(name), id, size, own[at]?.length ?? 0, 0]))},`,
    `"edges":${numbers(own.flat().flatMap(({ name, to }) => [1, strings.indexOf(name), to * 6]))},`,
    '"trace_function_infos":[],"trace_tree":[[1,[2]],3],"samples":[],',
    `"locations":${numbers(nodes.flatMap((_, at) => (at % 2 ? [at * 6, 7, at, 3] : [])))},`,
    `"strings":${JSON.stringify(strings)}}`,
  ].join('\n')
}

const small: fc.Arbitrary<Small> = fc.integer({ min: 1, max: 20 }).chain((count) => {
  const node = fc.nat(count - 1)
  const name = fc.string({ unit: 'binary', maxLength: 10 })
  return fc.record({
    nodes: fc.array(fc.record({ name, id: fc.nat(), size: fc.nat() }), { minLength: count, maxLength: count }),
    edges: fc.array(fc.record({ from: node, to: node, name }), { maxLength: 40 }),
  })
})

function toSmall(snapshot: Snapshot): Small {
  const { nodeCount, name, id, size, firstEdge, edgeName, edgeTo, text } = snapshot
  const all = Array.from({ length: nodeCount }, (_, at) => at)
  return {
    nodes: all.map((at) => ({ name: text(name[at] ?? 0), id: id[at] ?? 0, size: size[at] ?? 0 })),
    edges: all.flatMap((from) =>
      Array.from({ length: (firstEdge[from + 1] ?? 0) - (firstEdge[from] ?? 0) }, (_, at) => {
        const edge = (firstEdge[from] ?? 0) + at
        return { from, to: edgeTo[edge] ?? 0, name: text(edgeName[edge] ?? 0) }
      }),
    ),
  }
}

test('a snapshot is read as it is, wherever it is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(small, fc.integer({ min: 1, max: 97 }), async (given, length) => {
      const bytes = new TextEncoder().encode(toJson(given))
      const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
        bytes.subarray(at * length, (at + 1) * length),
      )
      const snapshot = await parseSnapshot(pieces)
      const edges = given.nodes.flatMap((_, from) => given.edges.filter((edge) => edge.from === from))
      // What UTF-8 cannot hold is lost on the way to the file already.
      const whole = (text: string): string => text.toWellFormed()
      const plain = ({ nodes, edges: list }: Small): Small => ({
        nodes: nodes.map((node) => ({ ...node, name: whole(node.name) })),
        edges: list.map((edge) => ({ ...edge, name: whole(edge.name) })),
      })
      expect(plain(toSmall(snapshot))).toEqual(plain({ nodes: given.nodes, edges }))
      expect(highestId(snapshot)).toBe(Math.max(...given.nodes.map(({ id }) => id)))
      expect([...snapshot.locations.keys()]).toEqual(given.nodes.flatMap((_, at) => (at % 2 ? [at] : [])))
    }),
  )
})

test('one that ends too early, or is none, is an error and not a small snapshot', async () => {
  const bytes = new TextEncoder().encode(toJson({ nodes: [{ name: 'a', id: 1, size: 2 }], edges: [] }))
  const end = new TextDecoder().decode(bytes).indexOf('"edges"') - 12
  await expect(parseSnapshot([bytes.subarray(0, end)])).rejects.toThrow('ends too early')
  await expect(parseSnapshot([new TextEncoder().encode('no JSON "nodes":[1]')])).rejects.toThrow('not JSON')
  await expect(parseSnapshot([])).rejects.toThrow('ends too early')
})

/** Of a process of its own, whose heap is small. */
const PROGRAM = `
  class MarkedByItsName { own = { deep: ['ünï "quoted" \\\\ text'] } }
  globalThis.held = [new MarkedByItsName(), new MarkedByItsName()]
  require('node:v8').writeHeapSnapshot(process.argv[1])
`

test('a snapshot of V8 itself: objects are found by their constructors, with what they hold', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'heap.heapsnapshot')
  await promisify(execFile)(process.execPath, ['-e', PROGRAM, file])
  const snapshot = await parseSnapshot(createReadStream(file))
  const { nodeCount, name, type, nodeTypes, text, firstEdge, edgeName, edgeTo } = snapshot
  expect(nodeCount).toBeGreaterThan(10_000)
  expect(nodeTypes[type[ROOT] ?? 0]).toBe('synthetic')
  const holdsOwn = (at: number): boolean => {
    for (let edge = firstEdge[at] ?? 0; edge < (firstEdge[at + 1] ?? 0); edge++)
      if (text(edgeName[edge] ?? 0) === 'own') return text(name[edgeTo[edge] ?? 0] ?? 0) === 'Object'
    return false
  }
  const found = Array.from({ length: nodeCount }, (_, at) => at).filter(
    (at) => nodeTypes[type[at] ?? 0] === 'object' && text(name[at] ?? 0) === 'MarkedByItsName' && holdsOwn(at),
  )
  expect(found).toHaveLength(2)
})
