import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A runtime that starts programs of the demo. */
export interface Runtime {
  /** The program itself: what a package manager installs may be a script that starts it, which is another process. */
  readonly program: string
  readonly flags: readonly string[]
  readonly version: string
}

/** What Deno is not to look for, nor to write into this workspace, which is another package manager's. */
export const DENO_ENV: Readonly<Record<string, string>> = { DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' }

const ROOT = new URL('../../../', import.meta.url)

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, ROOT))
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(pathOf(`node_modules/${name}/package.json`), 'utf8')).version
}

function find(name: 'deno' | 'bun', ask: readonly string[]): string {
  const env = { ...process.env, ...DENO_ENV }
  return execFileSync(pathOf(`node_modules/.bin/${name}`), ask, { encoding: 'utf8', env }).trim()
}

/** The runtimes with processes, made when asked for: finding some takes a moment. */
export const RUNTIMES = {
  node: (): Runtime => ({
    program: process.execPath,
    flags: ['--disable-warning=ExperimentalWarning'],
    version: process.versions.node,
  }),
  deno: (): Runtime => ({
    program: find('deno', ['eval', '--no-config', 'console.log(Deno.execPath())']),
    flags: ['run', '--allow-all', '--no-prompt', `--config=${pathOf('apps/demo/deno.json')}`],
    version: versionOf('deno'),
  }),
  bun: (): Runtime => ({
    program: find('bun', ['-e', 'console.log(process.execPath)']),
    flags: [],
    version: versionOf('bun'),
  }),
} satisfies Readonly<Record<string, () => Runtime>>
