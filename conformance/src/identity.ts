import process from 'node:process'

/** A runtime that the suites run on. */
export type RuntimeName = 'node' | 'deno' | 'bun'

/** Which runtime this is, as it says itself. */
export interface Identity {
  readonly runtime: RuntimeName
  readonly version: string
  /** The program that runs. */
  readonly program: string
  /** The engine's version, by the runtime. */
  readonly engine: string
  /** What the engine says of a mistake: V8 and JavaScriptCore have their own words, whatever a runtime imitates. */
  readonly words: string
}

/** The parts of the runtimes' own globals that are read here. */
interface Globals {
  readonly Deno?: { readonly version: { readonly deno: string; readonly v8: string }; execPath(): string }
  readonly Bun?: { readonly version: string }
}

/** Asks the runtime who it is. Deno and Bun imitate Node, and Node imitates nobody. */
export function identify(): Identity {
  const { Deno, Bun } = globalThis as Globals
  const { versions, execPath } = process
  const words = speak()
  if (Deno) {
    const { deno: version, v8: engine } = Deno.version
    return { runtime: 'deno', version, program: Deno.execPath(), engine, words }
  }
  if (Bun) return { runtime: 'bun', version: Bun.version, program: execPath, engine: versions.webkit ?? '', words }
  return { runtime: 'node', version: versions.node, program: execPath, engine: versions.v8, words }
}

function speak(): string {
  const nothing: { readonly property?: unknown } = JSON.parse('null')
  try {
    return String(nothing.property)
  } catch (error) {
    return (error as Error).message
  }
}
