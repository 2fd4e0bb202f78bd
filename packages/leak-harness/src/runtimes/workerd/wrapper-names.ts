import type { Snapshot } from '../../heap/snapshot.ts'

/** What workerd's own objects are called, such as `workerd / AbortSignal`. */
const OWN = 'workerd / '

/** What the object is called that JavaScript has of one. */
const WRAPPER = 'CppgcShim'

/** A part of each of its objects, which says nothing of what it is. */
const PART = 'workerd / JsImpl'

/** Numbers of names that were given begin here; those of strings are far below. */
const FIRST_GIVEN = 2 ** 31

/** Calls what JavaScript has of workerd's own objects by their classes: an `AbortSignal` and not a `CppgcShim`. */
export function nameWrappers(snapshot: Snapshot): Snapshot {
  const { nodeCount, type, nodeTypes, firstEdge, edgeTo } = snapshot
  const native = nodeTypes.indexOf('native')
  const name = snapshot.name.slice()
  const textOf = memo(snapshot.text)
  for (let node = 0; node < nodeCount; node++) {
    const own = type[node] === native ? textOf(snapshot.name[node] as number) : ''
    if (!own.startsWith(OWN) || own === PART) continue
    for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge++) {
      const to = edgeTo[edge] as number
      if (textOf(snapshot.name[to] as number) === WRAPPER) name[to] = FIRST_GIVEN + (snapshot.name[node] as number)
    }
  }
  const text = (string: number): string =>
    string < FIRST_GIVEN ? snapshot.text(string) : snapshot.text(string - FIRST_GIVEN).slice(OWN.length)
  return { ...snapshot, name, text }
}

function memo(textOf: (string: number) => string): (string: number) => string {
  const texts = new Map<number, string>()
  return (string) => {
    const text = texts.get(string) ?? textOf(string)
    texts.set(string, text)
    return text
  }
}
