import { exchangeWithParent } from './exchange.ts'
import { readFigures } from './figures.ts'
import type { AskParent, Platform } from './platform.ts'

/** What of Bun is used here. */
interface BunGlobal {
  readonly version: string
  gc(force: boolean): unknown
}

/** What of its engine's module is used here. */
interface JavaScriptCore {
  heapSize(): number
}

/** Bun: JavaScriptCore, whose debugger answers to another process alone. */
export async function createBunPlatform(askParent: AskParent): Promise<Platform> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunGlobal }
  const engine = 'bun:jsc'
  const { heapSize } = (await import(engine)) as JavaScriptCore
  const { gc, version } = Bun
  return {
    version,
    gc: () => void gc(true),
    // Buffers are a part of its heap.
    held: () => ({ heap: heapSize(), external: 0 }),
    figures: () => ({ ...readFigures(), code: 0 }),
    debug: (request, exchange) => exchangeWithParent(askParent, request, exchange),
    writeSnapshot: (file) => exchangeWithParent(askParent, { want: 'snapshot', file }, { objects: [] }),
  }
}
