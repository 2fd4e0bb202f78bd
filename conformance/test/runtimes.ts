import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toRuntimeCommand } from '../../packages/adapters/test/runtimes.ts'
import type { RuntimeName } from '../src/identity.ts'

/** A runtime of the matrix: how it is started, and what it must say of itself. */
export interface Runtime {
  readonly is: RuntimeName
  /** The version of the package that this workspace depends on. */
  readonly version: string
  readonly program: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Its engine's version, and its engine's words for reading a property of null. */
  readonly engine: RegExp
  readonly words: RegExp
}

const V8_WORDS = /^Cannot read properties of null/
const JSC_WORDS = /^null is not an object/

const workspace = new URL('../../', import.meta.url)
const here = new URL('../', import.meta.url)

function versionOf(name: string, folder: URL): string {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, folder), 'utf8')).version
}

function node(name: string, folder: URL, engine: RegExp): Runtime {
  return {
    is: 'node',
    version: versionOf(name, folder),
    program: fileURLToPath(new URL(`node_modules/${name}/bin/node`, folder)),
    // Node 22 warns that it strips types.
    flags: ['--disable-warning=ExperimentalWarning'],
    env: {},
    engine,
    words: V8_WORDS,
  }
}

/** The runtimes that the suites run on, made when asked for: finding some takes a moment. */
export const RUNTIMES = {
  node22: () => node('node22', here, /^12\.4\./),
  node24: () => node('node', workspace, /^13\.6\./),
  node26: () => node('node26', here, /^14\./),
  deno: () => ({
    is: 'deno',
    version: versionOf('deno', workspace),
    ...toRuntimeCommand('deno'),
    engine: /^\d+\.\d+\.\d+\.\d+-rusty$/,
    words: V8_WORDS,
  }),
  bun: () => ({
    is: 'bun',
    version: versionOf('bun', workspace),
    ...toRuntimeCommand('bun'),
    engine: /^[0-9a-f]{40}$/,
    words: JSC_WORDS,
  }),
} satisfies Readonly<Record<string, () => Runtime>>

/** The name of a runtime of the matrix. */
export type MatrixName = keyof typeof RUNTIMES
