import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { HarnessError } from '../../errors.ts'

/** What starts workerd. */
export type MiniflareLibrary = typeof import('miniflare')

/** What bundles a module for it. */
export type EsbuildLibrary = typeof import('esbuild')

/** What brings all that a module is run in workerd with. */
const INSTALL = 'npm install --save-dev wrangler'

/** Both packages, and of which workerd they are. */
export interface Peers {
  readonly miniflare: MiniflareLibrary
  readonly esbuild: EsbuildLibrary
  /** Version of workerd. */
  readonly version: string
}

/**
 * Loads what a module is run in workerd with: the optional peers of this package, else those that wrangler brings.
 * @param here where they are looked for; as this package sees it when left out
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` with the command that installs it.
 */
export async function loadPeers(here: NodeJS.Require = createRequire(import.meta.url)): Promise<Peers> {
  try {
    return await loadPeersOf(
      has(here, 'miniflare') && has(here, 'esbuild') ? here : createRequire(here.resolve('wrangler')),
    )
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new HarnessError(
      'HARNESS_NOT_AVAILABLE',
      `--runtime workerd needs wrangler, or miniflare 5 and esbuild, which cannot be loaded (${reason}); install them (${INSTALL}), or leave the runtime out`,
      { cause },
    )
  }
}

function has(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

/**
 * Loads those of a package that depends on them, such as wrangler.
 * @param require of that package
 */
export async function loadPeersOf(require: NodeJS.Require): Promise<Peers> {
  return {
    miniflare: await load<MiniflareLibrary>(require, 'miniflare'),
    esbuild: await load<EsbuildLibrary>(require, 'esbuild'),
    version: versionOfWorkerd(require),
  }
}

/** Loads a package as another one sees it. */
export async function load<Library>(require: NodeJS.Require, name: string): Promise<Library> {
  const loaded = (await import(pathToFileURL(require.resolve(name)).href)) as Library & { readonly default?: Library }
  // Of a CommonJS module not every name is seen from outside.
  return loaded.default ?? loaded
}

/** The workerd that a Miniflare starts is the one it depends on. */
function versionOfWorkerd(require: NodeJS.Require): string {
  const ofMiniflare = createRequire(require.resolve('miniflare'))
  return (ofMiniflare('workerd/package.json') as { readonly version: string }).version
}
