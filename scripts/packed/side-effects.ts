import { deepEqual } from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FOLDERS, readManifest } from '../jsr.ts'
import type { Installed } from './install.ts'
import { runQuietly } from './run-quietly.ts'

/** Entries that Node cannot load without what they are for: a Worker, vitest. */
const ELSEWHERE = /^@isobar\/(adapters\/cloudflare|leak-harness\/vitest)/

/** What an import could leave behind: globals, listeners, and what keeps a process alive. */
const TRACES = `() => ({
  globals: Reflect.ownKeys(globalThis).map(String),
  prototypes: [Object, Array, Promise, Error, Map, Set, Function, AbortSignal, EventTarget]
    .map(({ prototype }) => Reflect.ownKeys(prototype).map(String)),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  resources: process.getActiveResourcesInfo(),
})`

/**
 * Imports every entry on Node: none leaves anything behind, as `"sideEffects": false` tells bundlers.
 * @throws {AssertionError}
 */
export async function checkSideEffects({ folder, env }: Installed): Promise<void> {
  const entries = FOLDERS.map(readManifest)
    .flatMap(({ name, exports }) => Object.keys(exports).map((subpath) => name + subpath.slice(1)))
    .filter((specifier) => !ELSEWHERE.test(specifier))
  // To import these reads getters of Node's own, which open the standard streams and load what fetches.
  const script = `import 'node:process'
    import 'node:http'
    const traces = ${TRACES}
    const before = traces()
    for (const entry of ${JSON.stringify(entries)}) await import(entry)
    console.log(JSON.stringify([before, traces()]))`
  writeFileSync(join(folder, 'imports.js'), script)
  const [before, after] = JSON.parse(await runQuietly(['node', 'imports.js'], { cwd: folder, env }))
  deepEqual(after, before)
}
