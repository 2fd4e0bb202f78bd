import { type Clock, systemClock } from '../clock.ts'
import { OptionError } from '../errors.ts'

/** Keys that a memory store holds by default. */
export const DEFAULT_STORE_KEYS = 10_000

/** How a value is set. */
export interface SetOptions {
  /** How long it is kept, in ms. */
  readonly ttlMs: number
  /** Only where there is none. */
  readonly ifAbsent?: boolean
}

/** Small values by key, each with a time to live: what plugins share state through. */
export interface Store {
  get(key: string): Promise<string | undefined>
  /** Whether it was set: false when `ifAbsent` found one. */
  set(key: string, value: string, options: SetOptions): Promise<boolean>
  /** Deletes a key, with `value` only where it still has that value. */
  delete(key: string, value?: string): Promise<void>
}

/** Options of `createMemoryStore`. */
export interface MemoryStoreOptions {
  /** Keys it holds at most; beyond that the oldest go. Default 10,000. */
  readonly maxKeys?: number
  readonly clock?: Clock
}

/**
 * A store in memory: it holds for the isolate it is made in, and not for others. Bounded: beyond `maxKeys` the keys set
 * longest ago are forgotten, as if their time had come.
 * @throws {OptionError}
 */
export function createMemoryStore({
  maxKeys = DEFAULT_STORE_KEYS,
  clock = systemClock,
}: MemoryStoreOptions = {}): Store {
  if (!(maxKeys >= 1)) throw new OptionError(`maxKeys ${maxKeys} must be at least 1`)
  const entries = new Map<string, { readonly value: string; readonly until: number }>()
  const read = (key: string): string | undefined => {
    const entry = entries.get(key)
    if (entry && entry.until > clock.now()) return entry.value
    entries.delete(key)
    return undefined
  }
  return {
    async get(key) {
      return read(key)
    },
    async set(key, value, { ttlMs, ifAbsent = false }) {
      if (ifAbsent && read(key) !== undefined) return false
      entries.delete(key)
      entries.set(key, { value, until: clock.now() + ttlMs })
      for (const [oldest] of entries) {
        if (entries.size <= maxKeys) break
        entries.delete(oldest)
      }
      return true
    },
    async delete(key, value) {
      if (value === undefined || read(key) === value) entries.delete(key)
    },
  }
}
