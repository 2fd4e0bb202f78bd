import type { ChangedContainer, ClassCensus, ContainerType } from '../../heap/entry-census.ts'

/** Changed containers that a census lists, of each class. */
export const MAX_LISTED = 100

/** Keys that an object used as a table has at least: a leak of one a 1,000 jobs is past it after one cohort. */
const MIN_KEYS = 4

/** Classes that a census lists. The rest is left out. */
const MAX_CLASSES = 500

/** Calls `each` with every live object that has a prototype in its chain, garbage not included. */
export type FindInstances = (prototype: object, each: (found: object) => void) => Promise<void>

/** Tells what an object is without asking the object: `types` of `node:util`, where there is that. */
export interface Brands {
  readonly isProxy: (found: object) => boolean
  readonly isMap: (found: object) => boolean
  readonly isSet: (found: object) => boolean
}

interface ClassCount {
  readonly type: ContainerType
  readonly name: string
  containers: number
  entries: number
  grown: number
  growers: number
  changed: ChangedContainer[]
}

// As they are before any module under test can replace them.
const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get as () => number
const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get as () => number
const keysOf = Object.keys
const plain: Readonly<Record<ContainerType, object>> = {
  Map: Map.prototype,
  Set: Set.prototype,
  Array: Array.prototype,
  Object: Object.prototype,
}

/**
 * Follows the size of every Map, Set, Array and large object from one census to the next. It holds none of them: what it knows of a
 * container is in WeakMaps keyed by it, and no census counts a WeakMap.
 */
export class EntryCounter {
  readonly #find: FindInstances
  readonly #brands: Brands
  readonly #sizes = new WeakMap<object, number>()
  readonly #serials = new WeakMap<object, number>()
  #lastSerial = 0

  constructor(find: FindInstances, brands: Brands) {
    this.#find = find
    this.#brands = brands
  }

  /**
   * Counts the containers of this process' main realm. All objects are asked for at once and sorted out here: a query
   * costs a few collections of the whole heap, whatever it finds.
   */
  async census(): Promise<ClassCensus[]> {
    const classes = new Map<string, ClassCount>()
    await this.#find(Object.prototype, (found) => {
      const type = typeOf(found, this.#brands)
      const size = type === undefined ? undefined : sizeOf(type, found)
      if (type && size !== undefined) this.#count(classOf(classes, type, found), found, size)
    })
    return [...classes.values()].map(toCensus)
  }

  /** The containers of these serial numbers that still live. */
  async find(serials: ReadonlySet<number>): Promise<Map<number, object>> {
    const wanted = new Map<number, object>()
    await this.#find(Object.prototype, (found) => {
      const serial = this.#serials.get(found)
      if (serial !== undefined && serials.has(serial)) wanted.set(serial, found)
    })
    return wanted
  }

  #count(count: ClassCount, found: object, size: number): void {
    count.containers++
    count.entries += size
    const before = this.#sizes.get(found)
    if (before === size) return
    this.#sizes.set(found, size)
    if (before === undefined) return
    count.grown += size - before
    if (size > before) count.growers++
    count.changed.push({ serial: this.#serialOf(found), before, size })
    // Sorted and cut now and then, so that a million changed containers do not make a list of a million.
    if (count.changed.length >= 8 * MAX_LISTED) count.changed = fastest(count.changed)
  }

  #serialOf(found: object): number {
    const known = this.#serials.get(found)
    if (known !== undefined) return known
    this.#serials.set(found, ++this.#lastSerial)
    return this.#lastSerial
  }
}

/**
 * By what it is, not by its prototype: the prototype of a subclass of Map is no Map. Of all other objects a plain one alone
 * may be a table: those of a class have the fields of the class. Proxies are not asked, as that runs code of others.
 */
function typeOf(found: object, { isProxy, isMap, isSet }: Brands): ContainerType | undefined {
  if (isProxy(found)) return undefined
  if (Array.isArray(found)) return 'Array'
  if (isMap(found)) return 'Map'
  if (isSet(found)) return 'Set'
  return Object.getPrototypeOf(found) === plain.Object ? 'Object' : undefined
}

/** The entries; undefined for an object with so few keys that it is no table. */
function sizeOf(type: ContainerType, found: object): number | undefined {
  switch (type) {
    case 'Array':
      return (found as unknown[]).length
    case 'Map':
      return sizeOfMap.call(found)
    case 'Set':
      return sizeOfSet.call(found)
    case 'Object': {
      const keys = keysOf(found).length
      return keys < MIN_KEYS ? undefined : keys
    }
  }
}

function classOf(classes: Map<string, ClassCount>, type: ContainerType, found: object): ClassCount {
  const name = nameOf(type, found)
  const key = `${type} ${name}`
  let count = classes.get(key)
  if (!count) {
    count = { type, name, containers: 0, entries: 0, grown: 0, growers: 0, changed: [] }
    if (classes.size < MAX_CLASSES) classes.set(key, count)
  }
  return count
}

function nameOf(type: ContainerType, found: object): string {
  try {
    const prototype = Object.getPrototypeOf(found) as object
    if (prototype === plain[type]) return type
    const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    return typeof maker === 'function' && maker.name !== '' ? maker.name.slice(0, 100) : type
  } catch {
    return type
  }
}

function fastest(changed: readonly ChangedContainer[]): ChangedContainer[] {
  return [...changed].sort((a, b) => b.size - b.before - (a.size - a.before)).slice(0, MAX_LISTED)
}

function toCensus(count: ClassCount): ClassCensus {
  const changed = fastest(count.changed)
  return { ...count, changed, truncated: changed.length < count.changed.length }
}
