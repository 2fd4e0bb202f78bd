import type { RuntimeName } from './runtimes.ts'

/** What of the runtimes' own globals is read here. */
interface Globals {
  readonly Deno?: { readonly version: { readonly v8: string } }
  readonly Bun?: { readonly revision: string }
}

/**
 * Which runtime this is. Names are easily had, and Deno and Bun imitate Node: so it goes by what the engine calls a mistake
 * (JavaScriptCore and V8 have words of their own), and by how each runtime marks its build of V8.
 * @throws when what it finds does not fit together.
 */
export function nameRuntime(): RuntimeName {
  const { Deno, Bun } = globalThis as Globals
  const words = speak()
  if (words.startsWith('null is not an object') && /^[0-9a-f]{40}$/.test(Bun?.revision ?? '')) return 'bun'
  if (words.startsWith('Cannot read properties of null')) {
    if (Deno?.version.v8.endsWith('-rusty')) return 'deno'
    if (process.versions.v8.includes('-node.')) return 'node'
  }
  throw new Error(`no runtime that is known: V8 ${process.versions.v8}, and reading of null is "${words}"`)
}

function speak(): string {
  const nothing: { readonly property?: unknown } = JSON.parse('null')
  try {
    return String(nothing.property)
  } catch (error) {
    return (error as Error).message
  }
}
