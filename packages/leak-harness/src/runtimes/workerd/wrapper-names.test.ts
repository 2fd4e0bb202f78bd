import { expect, it } from 'vitest'
import { type SmallNode, smallHeap } from '../../../test/heap/small-heap.ts'
import { reach } from '../../heap/reachability.ts'
import { retainingPath, toPath } from '../../heap/retaining-path.ts'
import type { Snapshot } from '../../heap/snapshot.ts'
import { nameWrappers } from './wrapper-names.ts'

/** A signal of workerd's, which a variable of a module holds, two listeners deep. */
const NODES: Readonly<Record<string, SmallNode>> = {
  root: {
    type: 'synthetic',
    edges: [
      ['element', '1', 'tracer'],
      ['property', 'global', 'module'],
    ],
  },
  tracer: { type: 'hidden', name: 'workerd / HeapTracer', edges: [['internal', '1', 'signal']] },
  signal: {
    type: 'hidden',
    name: 'workerd / AbortSignal',
    edges: [
      ['internal', '1', 'part'],
      ['internal', '2', 'wrapper'],
    ],
  },
  part: { type: 'hidden', name: 'workerd / JsImpl', edges: [['internal', '1', 'wrapper']] },
  module: { name: 'Module', edges: [['context', 'signal', 'wrapper']] },
  wrapper: { name: 'CppgcShim', edges: [['element', '0', 'listener']] },
  listener: { name: 'Listener' },
}

function snapshotOf(nodes: Readonly<Record<string, SmallNode>>): Snapshot {
  const heap = smallHeap(nodes)
  return { ...heap, nodeTypes: heap.nodeTypes.map((type) => (type === 'hidden' ? 'native' : type)) }
}

it('an object of workerd is called by its class, and found by who holds it rather than in the list of all', () => {
  const snapshot = nameWrappers(snapshotOf(NODES))
  const listener = Object.keys(NODES).indexOf('listener')
  const path = toPath(retainingPath(snapshot, reach(snapshot), listener), {})
  expect(path).toEqual(['.global: Module', 'variable signal: AbortSignal', '[] Listener'])
})

it('what nobody else holds is found in the list of all', () => {
  const { module, ...others } = NODES
  const snapshot = nameWrappers(
    snapshotOf({ ...others, root: { type: 'synthetic', edges: [['element', '1', 'tracer']] } }),
  )
  expect([...reach(snapshot).order]).toHaveLength(6)
  expect(module).toBeDefined()
})
