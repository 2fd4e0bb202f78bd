import { NO_EDGE, type Reached } from './reachability.ts'
import { type Location, ROOT, type Snapshot } from './snapshot.ts'

/** The variable of the process under test that holds the module. */
const MODULE_VARIABLE = 'module'

/** Those of the harness' own code that hold its default export. */
const SUBJECT_VARIABLES: readonly string[] = ['variable handler:', 'variable app:']

const isSubject = ({ label }: Step): boolean => SUBJECT_VARIABLES.includes(label)

/** How a step through a variable is labelled. */
const VARIABLE_LABEL = /^variable (.*):$/

/** Longest name in a path, in characters. */
const MAX_NAME = 60

/** Steps of a path at most; the middle of a longer one is left out. */
const MAX_STEPS = 24

/** Storage that a reader knows nothing of: the object that it belongs to says more. */
const STORAGE =
  /^\((?:object elements|object properties|internal array|array)\)$|^$|^system \/ (?:FixedArray|HashTable|Context|SourceTextModule)|^workerd \/ HeapTracer$|^CppgcShim$/

/** What JavaScriptCore calls that which holds the variables of a module. Which module it does not say. */
const VARIABLES_OF_JSC = 'JSModuleEnvironment'
const MODULE_NAME = 'module'

/** One step of a path: how the one before holds this, and what it is. */
export interface Step {
  readonly label: string
  readonly name: string
  /** Where a function is. */
  readonly place: Location | undefined
}

/** The shortest way from a root to a node. Storage of the engine's is left out. */
export function retainingPath(snapshot: Snapshot, { by, from }: Reached, node: number): Step[] {
  const steps: Step[] = []
  for (let at = node; at !== ROOT && by[at] !== NO_EDGE; at = from[at] as number)
    steps.push(describeStep(snapshot, at, by[at] as number))
  return withoutBeginning(steps.filter((step) => step.label !== '' || step.name !== '').reverse())
}

/**
 * A path as it is read: `app.ts`, `variable seen: Map`, `Invoice`. Steps that repeat are one with a count.
 * @param scripts address of each script, by its number
 */
export function toPath(steps: readonly Step[], scripts: Readonly<Record<number, string>>): string[] {
  const [first, ...rest] = steps
  const variable = rest.find(({ label }) => label !== '')
  // A variable of a module, found through one of its functions: the module says more than the function.
  const place = variable && first?.place && placeOfVariable(variable, first.place)
  const file = place && fileOf(place, scripts)
  const texts = (file && variable ? steps.slice(steps.indexOf(variable)) : steps).map((step) => toText(step, scripts))
  return shorten(collapse(file ? [file, ...texts] : texts))
}

/** Where the module of a variable is, as one of its functions says. */
function placeOfVariable({ label }: Step, place: Location): Location | undefined {
  const name = VARIABLE_LABEL.exec(label)?.[1]
  return name === undefined ? undefined : (place.declares?.(name) ?? place)
}

function toText({ label, name, place }: Step, scripts: Readonly<Record<number, string>>): string {
  const file = place && fileOf(place, scripts)
  const what = file ? `${name} (${file}:${(place as Location).line + 1})` : name
  return label === '' ? what : what === '' ? label : `${label} ${what}`
}

/** A package's file from the package on, any other with its folder. */
function fileOf({ script }: Location, scripts: Readonly<Record<number, string>>): string | undefined {
  const address = scripts[script]
  if (address === undefined) return undefined
  const [path = ''] = address.split('?')
  const inPackage = path.lastIndexOf('/node_modules/')
  if (inPackage >= 0) return path.slice(inPackage + '/node_modules/'.length)
  return path.startsWith('file:') ? decodeURI(path.split('/').slice(-2).join('/')) : cut(path)
}

/** Roots are lists without names; and the module under test is held by the harness, which is nobody's leak. */
function withoutBeginning(steps: readonly Step[]): Step[] {
  const named = steps.findIndex(({ label, name }) => label !== '[]' || name !== '')
  const own = steps.findIndex(({ label }) => label === `variable ${MODULE_VARIABLE}:`)
  // A CommonJS module is found through the runtime's table of them, under its path.
  const required = steps.findIndex(({ label }, at) => label === '._cache:' && steps[at + 1]?.name === 'Module')
  if (required >= 0 && own < 0) {
    const [, ...rest] = steps.slice(required + 1)
    return [{ label: '', name: (steps[required + 1]?.label ?? '').slice(1, -1), place: undefined }, ...rest]
  }
  if (own < 0) {
    const variables = steps.findIndex(({ name }) => name === MODULE_NAME)
    return steps.slice(variables < 0 ? Math.max(named, 0) : variables)
  }
  const subject =
    steps[own + 1]?.label === '.subject:' ? steps.findIndex((step, at) => at > own && isSubject(step)) : -1
  return steps.slice(Math.max(own, subject) + (subject < 0 ? 1 : 0))
}

function describeStep(snapshot: Snapshot, node: number, edge: number): Step {
  const { nodeTypes, type, name, edgeTypes, edgeType, edgeName } = snapshot
  const kind = nodeTypes[type[node] as number] ?? ''
  return {
    label: toLabel(edgeTypes[edgeType[edge] as number] ?? '', edgeName[edge] as number, snapshot),
    name: toName(kind, snapshot.text(name[node] as number)),
    place: placeOf(snapshot, kind, node),
  }
}

/** Where a function is; the body of a module runs as a generator, which has a function. */
function placeOf(snapshot: Snapshot, kind: string, node: number): Location | undefined {
  if (kind === 'closure') return snapshot.locations.get(node)
  if (snapshot.text(snapshot.name[node] as number) !== 'Generator') return undefined
  const { edgeTo, firstEdge, locations } = snapshot
  for (let edge = firstEdge[node] as number; edge < (firstEdge[node + 1] as number); edge++) {
    const place = locations.get(edgeTo[edge] as number)
    if (place) return place
  }
}

/** What holds the next: a variable of a closure, a property, an element. What the engine calls its own edges says little. */
function toLabel(kind: string, nameOrIndex: number, snapshot: Snapshot): string {
  switch (kind) {
    case 'context':
      return `variable ${cut(snapshot.text(nameOrIndex))}:`
    case 'property':
      return `.${cut(tailOf(snapshot.text(nameOrIndex)))}:`
    case 'element':
      return '[]'
    default:
      return ''
  }
}

function toName(kind: string, text: string): string {
  if (kind === 'closure') return text === '' ? 'function' : `function ${cut(text)}`
  if (kind === 'synthetic' || kind === 'hidden' || STORAGE.test(text)) return ''
  if (kind.includes('string')) return '(string)'
  if (text === VARIABLES_OF_JSC) return MODULE_NAME
  return cut(text)
}

/** Of a path in the file system the end. */
function tailOf(text: string): string {
  return /^(?:\/|[A-Z]:\\)/.test(text) ? text.split(/[/\\]/).slice(-2).join('/') : text
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
