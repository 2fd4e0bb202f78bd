import { NO_EDGE, type Reached } from './reachability.ts'
import { ROOT, type Snapshot } from './snapshot.ts'

/** The variable of the process under test that holds the module. */
const MODULE_VARIABLE = 'module'

/** Longest name in a path, in characters. */
const MAX_NAME = 60

/** Steps of a path at most; the middle of a longer one is left out. */
const MAX_STEPS = 24

/** Storage that a reader knows nothing of: the object that it belongs to says more. */
const STORAGE =
  /^\((?:object elements|object properties|internal array|array)\)$|^$|^system \/ (?:FixedArray|HashTable)/

/**
 * The shortest way from a root to a node, readable: `module.seen`, `Map`, `[]`, `Invoice`. Steps that repeat are one with
 * a count; storage of the engine's is left out.
 */
export function retainingPath(snapshot: Snapshot, { by, from }: Reached, node: number): string[] {
  const steps: string[] = []
  for (let at = node; at !== ROOT && by[at] !== NO_EDGE; at = from[at] as number)
    steps.push(describeStep(snapshot, at, by[at] as number))
  return shorten(collapse(withoutBeginning(steps.filter((step) => step !== '').reverse())))
}

/** Roots are lists without names; and the module under test is held by the harness, which is nobody's leak. */
function withoutBeginning(steps: readonly string[]): string[] {
  const own = steps.findIndex((step) => step.startsWith(`variable ${MODULE_VARIABLE}:`))
  const named = steps.findIndex((step) => step !== '[]')
  return steps.slice(own >= 0 ? own + 1 : Math.max(named, 0))
}

function describeStep(snapshot: Snapshot, node: number, edge: number): string {
  const { nodeTypes, type, name, edgeTypes, edgeType, edgeName } = snapshot
  const kind = nodeTypes[type[node] as number] ?? ''
  const own = toName(kind, snapshot.text(name[node] as number), snapshot, node)
  const label = toLabel(edgeTypes[edgeType[edge] as number] ?? '', edgeName[edge] as number, snapshot)
  if (own === '') return label
  return label === '' ? own : `${label} ${own}`
}

/** What holds the next: a variable of a closure, a property, an element. What the engine calls its own edges says little. */
function toLabel(kind: string, nameOrIndex: number, snapshot: Snapshot): string {
  switch (kind) {
    case 'context':
      return `variable ${cut(snapshot.text(nameOrIndex))}:`
    case 'property':
      return `.${cut(snapshot.text(nameOrIndex))}:`
    case 'element':
      return '[]'
    default:
      return ''
  }
}

function toName(kind: string, text: string, snapshot: Snapshot, node: number): string {
  if (kind === 'synthetic' || kind === 'hidden' || STORAGE.test(text)) return ''
  if (text === 'system / Context') return ''
  if (kind === 'closure') {
    const place = snapshot.locations.get(node)
    const where = place ? ` (script ${place.script}, line ${place.line + 1})` : ''
    return `${text === '' ? 'function' : `function ${cut(text)}`}${where}`
  }
  if (kind.includes('string')) return '(string)'
  return cut(text)
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > MAX_NAME ? `${line.slice(0, MAX_NAME)}…` : line
}

function collapse(steps: readonly string[]): string[] {
  const out: string[] = []
  for (let at = 0; at < steps.length; ) {
    const step = steps[at] as string
    let times = 1
    while (steps[at + times] === step) times++
    out.push(times === 1 ? step : `${step} x ${times.toLocaleString('en')}`)
    at += times
  }
  return out
}

function shorten(steps: string[]): string[] {
  if (steps.length <= MAX_STEPS) return steps
  const half = Math.floor(MAX_STEPS / 2)
  return [...steps.slice(0, half), `… ${steps.length - 2 * half} more …`, ...steps.slice(-half)]
}
