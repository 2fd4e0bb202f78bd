import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collector: NodeJS.GCFunction | undefined

/** V8's own collector, which is there for those who ask, without a flag on the command line. */
export function collectV8(thorough: boolean): void {
  collector ??= findCollector()
  collector({ type: 'major', execution: 'sync', ...(thorough && { flavor: 'last-resort' }) })
}

function findCollector(): NodeJS.GCFunction {
  if (globalThis.gc) return globalThis.gc
  setFlagsFromString('--expose-gc')
  const collect: NodeJS.GCFunction = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  return collect
}

/** Bytes of V8's young generation. */
export function readYoungV8(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_used_size ?? 0
}

const HEAP_FLAG = /^--max[-_](old[-_]space|heap)[-_]size/

/** Flags of V8 that limit its heap; none where `flags` have one. */
export function toHeapFlags(flags: readonly string[], heapMb: number, youngMb: number | undefined): readonly string[] {
  if (flags.some((flag) => HEAP_FLAG.test(flag))) return []
  return [`--max-old-space-size=${heapMb}`, ...(youngMb === undefined ? [] : [`--max-semi-space-size=${youngMb}`])]
}

/** Heap and what it keeps outside, in V8: `heapUsed` + `external`, which includes array buffers. */
export function readFiguresV8(): {
  readonly total: number
  readonly heapUsed: number
  readonly external: number
  readonly arrayBuffers: number
  readonly rss: number
} {
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage()
  return { total: heapUsed + external, heapUsed, external, arrayBuffers, rss }
}
