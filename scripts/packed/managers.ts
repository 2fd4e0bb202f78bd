import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { findRuntime } from '../../packages/leak-harness/src/runtimes/find-runtime.ts'
import { PNPM } from './pack.ts'

/** A program and its arguments. */
export type Command = readonly [string, ...string[]]

/** How a package manager installs, and how its runtime runs what is installed. */
export interface Manager {
  /** The subpath of `@isobar/adapters` with its `serve`. */
  readonly subpath: 'node' | 'deno' | 'bun'
  /** The file that names what is to be installed. */
  readonly manifest: 'package.json' | 'deno.json'
  /** Installs what it names. */
  readonly install: Command
  /** Runs a module of TypeScript. */
  readonly run: Command
  /** Runs a command of an installed package. */
  bin(name: string, packageName: string): Command
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export const MANAGERS: Readonly<Record<'npm' | 'pnpm' | 'deno' | 'deno and deno.json' | 'bun', Manager>> = {
  npm: {
    subpath: 'node',
    manifest: 'package.json',
    install: ['npm', 'install', '--no-audit', '--no-fund'],
    run: [execPath],
    bin: (name) => ['npx', '--no-install', name],
  },
  pnpm: {
    subpath: 'node',
    manifest: 'package.json',
    install: ['npx', '-y', PNPM, 'install'],
    run: [execPath],
    bin: (name) => ['npx', '-y', PNPM, 'exec', name],
  },
  // Deno and Bun are looked for when they are asked for.
  get deno(): Manager {
    return toDeno('package.json')
  },
  get 'deno and deno.json'(): Manager {
    return toDeno('deno.json')
  },
  get bun(): Manager {
    const bun = findRuntime('bun', ROOT)
    return {
      subpath: 'bun',
      manifest: 'package.json',
      install: [bun, 'install'],
      run: [bun],
      bin: (name) => [bun, 'x', '--bun', name],
    }
  },
}

/** With a package.json Deno makes a `node_modules`; without, packages stay in its cache. */
function toDeno(manifest: Manager['manifest']): Manager {
  // The program itself: a script that starts it would hear the signals in its stead.
  const deno = findRuntime('deno', ROOT)
  return {
    subpath: 'deno',
    manifest,
    install: [deno, 'install'],
    run: [deno, 'run', '--allow-all'],
    bin: (name, packageName) => [deno, 'run', '--allow-all', `npm:${packageName}/${name}`],
  }
}
