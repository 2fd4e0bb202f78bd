import { readContainerLimit } from './cgroup.ts'

/** The memory of this process, in bytes. */
export interface MemoryReading {
  /** What the heap and what it keeps outside take together: `heapUsed` + `external`, which includes array buffers. */
  readonly total: number
  readonly heapUsed: number
  /** Memory of objects outside the heap, array buffers included. */
  readonly external: number
  readonly arrayBuffers: number
  readonly rss: number
  /** The container's limit; undefined when there is none. */
  readonly limit: number | undefined
  /** Ms since the epoch. */
  readonly at: number
}

let limit: { readonly bytes: number | undefined } | undefined

/** Reads the memory of this process. The container's limit (control groups, version 2 or 1) is looked up once. */
export function readMemory(): MemoryReading {
  limit ??= { bytes: readContainerLimit() }
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  return { total: heapUsed + external, heapUsed, external, arrayBuffers, rss, limit: limit.bytes, at: Date.now() }
}
