import { getHeapCodeStatistics, getHeapStatistics, writeHeapSnapshot } from 'node:v8'
import { exchangeWithParent } from './exchange.ts'
import { readFigures } from './figures.ts'
import type { AskParent, Platform } from './platform.ts'

/** Deno: V8 as in Node, but its debugger answers to another process alone. */
export function createDenoPlatform(askParent: AskParent): Platform {
  const { gc, process } = globalThis
  globalThis.gc = undefined
  return {
    version: process.versions.deno ?? 'unknown',
    gc: () => void gc?.(),
    held() {
      const { used_heap_size, external_memory } = getHeapStatistics()
      return { heap: used_heap_size, external: external_memory }
    },
    figures: () => ({ ...readFigures(), code: getHeapCodeStatistics().bytecode_and_metadata_size }),
    debug: (request, exchange) => exchangeWithParent(askParent, request, exchange),
    writeSnapshot: (file) => void writeHeapSnapshot(file),
  }
}
