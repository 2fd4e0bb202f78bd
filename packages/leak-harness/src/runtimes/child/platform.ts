import type { DebugRequest, Exchange } from '../debug.ts'
import type { Reading } from '../driver.ts'
import type { Held } from './settle.ts'

/** What the process under test does in another way in each runtime. Made before the module under test is loaded. */
export interface Platform {
  /** Of the runtime. */
  readonly version: string
  /** A full collection. */
  gc(): void
  /** Bytes in use. Asked for every few jobs: it has to be quick. */
  held(): Held
  /** The other figures; 0 for what cannot be told here. */
  figures(): Omit<Reading, 'job' | keyof Held>
  /** Has the debugger do something with what is handed over, and answers as it does. */
  debug(request: DebugRequest, exchange: Exchange): Promise<unknown>
  /** Writes a heap snapshot to a file. */
  writeSnapshot(file: string): unknown
}

/** Asks the parent to ask the debugger: `answer` is called once it has. */
export type AskParent = (request: DebugRequest) => void

/** The platform of the runtime that this is. The others' modules are not loaded. */
export async function createPlatform(askParent: AskParent): Promise<Platform> {
  if ('Bun' in globalThis) return (await import('./bun-platform.ts')).createBunPlatform(askParent)
  if ('Deno' in globalThis) return (await import('./deno-platform.ts')).createDenoPlatform(askParent)
  return (await import('./node-platform.ts')).createNodePlatform()
}
