/** What has a size of its own and no object an entry. An `Object` is one that is used as a table: `counts[id] = 1`. */
export type ContainerType = 'Map' | 'Set' | 'Array' | 'Object'

/** One container whose size changed since the count before. */
export interface ChangedContainer {
  /** Tells it from all others for as long as the process lives. */
  readonly serial: number
  readonly before: number
  readonly size: number
}

/** All containers of one class at one count. */
export interface ClassCensus {
  readonly type: ContainerType
  /** Name of the constructor: that of the type itself, or of a subclass. */
  readonly name: string
  readonly containers: number
  /** Entries of all of them together. */
  readonly entries: number
  /** Net growth of those that were there at the count before; what was born since is not in it. */
  readonly grown: number
  /** How many of those grew. */
  readonly growers: number
  /** Those that changed, the ones that grew most first. Bounded: see `truncated`. */
  readonly changed: readonly ChangedContainer[]
  /** Whether more containers changed than `changed` lists. */
  readonly truncated: boolean
}

/** One count of the entries of every Map, Set and Array of a process. */
export interface EntryCensus {
  /** Jobs done by then. */
  readonly job: number
  readonly classes: readonly ClassCensus[]
}
