import type { MemoryReading } from '@isobar/core'
import { readContainerLimit } from './cgroup.ts'
import { platform } from './platform/this-platform.ts'

let limit: { readonly bytes: number | undefined } | undefined

/**
 * Reads the memory of this process. `total` is what the heap and what it keeps outside take together: `heapUsed` +
 * `external`, which includes array buffers. The container's limit (control groups, version 2 or 1) is looked up
 * once.
 */
export function readMemory(): MemoryReading {
  limit ??= { bytes: readContainerLimit() }
  return { ...platform.readFigures(), limit: limit.bytes, at: Date.now() }
}
