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
  heapStats(): { readonly objectTypeCounts: Readonly<Record<string, number>> }
}

/** What the engine makes of a function or script, and the bytes that one has at least. */
const CODE = /Executable$|CodeBlock$/
const CODE_BYTES = 64

/** Bun: JavaScriptCore, whose debugger answers to another process alone. */
export async function createBunPlatform(askParent: AskParent): Promise<Platform> {
  const { Bun } = globalThis as unknown as { readonly Bun: BunGlobal }
  const engine = 'bun:jsc'
  const { heapSize, heapStats } = (await import(engine)) as JavaScriptCore
  const { gc, version } = Bun
  return {
    version,
    gc: () => void gc(true),
    // Buffers are a part of its heap.
    held: () => ({ heap: heapSize(), external: 0 }),
    figures: () => ({ ...readFigures(), code: CODE_BYTES * countCode(heapStats().objectTypeCounts) }),
    debug: (request, exchange) => exchangeWithParent(askParent, request, exchange),
    writeSnapshot: (file) => exchangeWithParent(askParent, { want: 'snapshot', file }, { objects: [] }),
  }
}

function countCode(counts: Readonly<Record<string, number>>): number {
  return Object.entries(counts).reduce((sum, [type, count]) => (CODE.test(type) ? sum + count : sum), 0)
}
