/**
 * Runs in the isolate of the Worker under test, where the debugger puts it: the Worker knows nothing of it. The debugger
 * calls one method after another, and finds the containers in between.
 */
import type { ClassCensus } from '../../../heap/entry-census.ts'
import { type Brands, EntryCounter } from '../../child/entry-counter.ts'
import { EXCHANGE, type Exchange } from '../../debug.ts'

/** What the debugger calls. */
export interface IsolateCounter {
  /** Begins to count: the instances of the first exchanged object are to be handed over next. */
  beginCensus(): void
  endCensus(): Promise<readonly ClassCensus[]>
  /** Begins to look for containers by their serial numbers: the instances are to be handed over next. */
  beginFind(serials: readonly number[]): void
  /** The serial numbers of those that were found, and the containers in the exchange, in the same order. */
  endFind(): Promise<readonly number[]>
  /** Lets go of what is exchanged. */
  release(): void
}

const isInChain = Object.prototype.isPrototypeOf
const sizeOfMap = Object.getOwnPropertyDescriptor(Map.prototype, 'size')?.get as () => number
const sizeOfSet = Object.getOwnPropertyDescriptor(Set.prototype, 'size')?.get as () => number
const prototypes = { map: Map.prototype, set: Set.prototype }

/** A Worker may have no `node:util`: the getters of the classes know their own. */
const brands: Brands = {
  // V8 hands no proxy over when it is asked for instances.
  isProxy: () => false,
  isMap: (found) => isInChain.call(prototypes.map, found) && takes(sizeOfMap, found),
  isSet: (found) => isInChain.call(prototypes.set, found) && takes(sizeOfSet, found),
}

function takes(getter: () => number, found: object): boolean {
  try {
    getter.call(found)
    return true
  } catch {
    return false
  }
}

/** Makes what the debugger calls. */
export function createIsolateCounter(): IsolateCounter {
  const scope = globalThis as { [EXCHANGE]?: Exchange }
  let handedOver = (): void => {}
  let census: Promise<ClassCensus[]> | undefined
  let found: Promise<Map<number, object>> | undefined
  const counter = new EntryCounter(
    (prototype, each) =>
      new Promise((resolve) => {
        handedOver = resolve
        scope[EXCHANGE] = { objects: [prototype], found: (objects) => objects.forEach(each) }
      }),
    brands,
  )
  const release = (): void => {
    delete scope[EXCHANGE]
  }
  return {
    beginCensus() {
      census = counter.census()
    },
    async endCensus() {
      handedOver()
      release()
      return (await census) ?? []
    },
    beginFind(serials) {
      found = counter.find(new Set(serials))
    },
    async endFind() {
      handedOver()
      const containers = (await found) ?? new Map<number, object>()
      found = undefined
      scope[EXCHANGE] = { objects: [...containers.values()] }
      return [...containers.keys()]
    },
    release,
  }
}
