import type { Reached } from './reachability.ts'
import { ROOT, type Snapshot } from './snapshot.ts'

/** What is kept of one constructor by one owner, in one snapshot. */
export interface SurvivorCount {
  readonly constructorName: string
  /** V8's id of the nearest owner that was there when the first cohort began; 0 for the engine's roots, `ANY_OWNER` for all. */
  readonly owner: number
  /** All that live and were born since the first cohort began. */
  readonly population: number
  readonly bytes: number
  /** Those of them that were born in the last cohort. */
  readonly born: number
  /** Those of them that were born in the cohort before it. */
  readonly survivors: number
  /** One of those, for the way to it; undefined when there is none. */
  readonly example: number | undefined
  /** Any of the group. */
  readonly latest: number | undefined
}

/** Where cohorts begin and end: the highest id at each snapshot, the first after the warm-up. */
export type Bounds = readonly number[]

/** Nodes that are no objects of anybody's. */
const LEFT_OUT: readonly string[] = ['code', 'hidden', 'object shape', 'synthetic', 'number']

/** Storage of objects, made anew as they grow: whose it is owns what is in it. */
const STORAGE: readonly string[] = ['array', 'hidden', 'code', 'object shape']

/** Names of the engine's own; two of them stand for what a handler keeps. */
const SYSTEM = 'system / '
const KEPT_SYSTEM = /^system \/ (?:Context|JSArrayBufferData)/

/** Constructors of what has none. */
const KIND_NAMES: Readonly<Record<string, string>> = {
  string: '(string)',
  'concatenated string': '(string)',
  'sliced string': '(string)',
  symbol: '(symbol)',
  bigint: '(bigint)',
  closure: '(closure)',
  regexp: '(regexp)',
}

type Group = { -readonly [Field in keyof SurvivorCount]: SurvivorCount[Field] }

/**
 * Counts what was born since the warm-up, by constructor and by nearest owner that is older. `bounds` are the highest ids
 * of the snapshots so far, this one included.
 */
export function countSurvivors(snapshot: Snapshot, reached: Reached, bounds: Bounds): SurvivorCount[] {
  const { id, size, type, name, nodeTypes } = snapshot
  const [base = 0] = bounds
  const from = bounds.at(-3) ?? Number.POSITIVE_INFINITY
  const to = bounds.at(-2) ?? Number.POSITIVE_INFINITY
  const isLeftOut = nodeTypes.map((kind) => LEFT_OUT.includes(kind))
  const isStorage = nodeTypes.map((kind) => STORAGE.includes(kind))
  const kindNames = nodeTypes.map((kind) => KIND_NAMES[kind])
  const owners = new Uint32Array(snapshot.nodeCount)
  const groups = new Map<number, Map<string, Group>>()
  const texts = new Map<number, string>()
  const textOf = (string: number): string => {
    const known = texts.get(string)
    if (known !== undefined) return known
    const text = snapshot.text(string)
    texts.set(string, text)
    return text
  }
  for (const node of reached.order) {
    const born = id[node] as number
    const kind = type[node] as number
    const isOwner = node === ROOT || (born <= base && !isStorage[kind])
    owners[node] = isOwner ? node : (owners[reached.from[node] as number] as number)
    if (born <= base || isLeftOut[kind] || isStorage[kind]) continue
    const constructorName = kindNames[kind] ?? withoutScope(textOf(name[node] as number))
    if (constructorName.startsWith(SYSTEM) && !KEPT_SYSTEM.test(constructorName)) continue
    const group = groupOf(groups, owners[node] === ROOT ? 0 : (id[owners[node] as number] as number), constructorName)
    group.population++
    group.bytes += size[node] as number
    group.latest = node
    if (born > to) group.born++
    if (born <= from || born > to) continue
    group.survivors++
    group.example ??= node
  }
  return [...groups.values()].flatMap((byName) => [...byName.values()])
}

/** The owner of a group that is of all owners together. */
export const ANY_OWNER = -1

/**
 * Adds a group for each constructor that more than one owner has objects of: what is in a list of timers or listeners
 * hangs now on this old member of it, now on that, and a few a cohort are too few for each.
 */
export function withTotals(groups: readonly SurvivorCount[]): SurvivorCount[] {
  const byName = new Map<string, SurvivorCount[]>()
  for (const group of groups) {
    const same = byName.get(group.constructorName)
    if (same) same.push(group)
    else byName.set(group.constructorName, [group])
  }
  const totals = [...byName.values()].filter((same) => same.length > 1).map(toTotal)
  return [...groups, ...totals]
}

function toTotal(groups: readonly SurvivorCount[]): SurvivorCount {
  const sum = (of: 'population' | 'bytes' | 'born' | 'survivors'): number =>
    groups.reduce((total, group) => total + group[of], 0)
  const largest = groups.reduce((a, b) => (b.survivors > a.survivors ? b : a))
  return {
    ...largest,
    owner: ANY_OWNER,
    ...{ population: sum('population'), bytes: sum('bytes'), born: sum('born'), survivors: sum('survivors') },
  }
}

function groupOf(groups: Map<number, Map<string, Group>>, owner: number, constructorName: string): Group {
  let byName = groups.get(owner)
  if (!byName) {
    byName = new Map()
    groups.set(owner, byName)
  }
  let group = byName.get(constructorName)
  if (!group) {
    group = {
      constructorName,
      owner,
      population: 0,
      bytes: 0,
      born: 0,
      survivors: 0,
      example: undefined,
      latest: undefined,
    }
    byName.set(constructorName, group)
  }
  return group
}

/** Newer engines number the scope of each context: all are of one kind. */
function withoutScope(name: string): string {
  return name.startsWith('system / Context') ? 'system / Context' : name
}
