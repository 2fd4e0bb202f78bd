import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IsobarError, OptionError } from '@isobar/core'
import type { BuildOptions, BuildResult } from 'esbuild'
import { nodeBuiltins } from './node-builtins.ts'

/** What `bundleSlot` takes. */
export interface SlotBundleOptions {
  /** The module whose default export `toSlot` has made. A path is meant from the working directory. */
  readonly entry: string | URL
  /** Where to write the text. Written only when it changes, so that whoever watches it is not called in vain. */
  readonly outfile?: string | URL
  /** Whether to make it small: less to send, and less to read in an error. Default `true`. */
  readonly minify?: boolean
}

/**
 * Bundles the module of a slot, with all that it imports, into the one text that `code` of `slots` takes. Modules of Node
 * are left to the platform: they want `nodejs_compat` in `compatibilityFlags` of `slots`. Needs the package `esbuild`.
 *
 * @example
 * // bundle-slot.js; in wrangler.jsonc: "build": { "command": "node bundle-slot.js", "watch_dir": "src" }
 * import { bundleSlot } from '@isobar/adapters/cloudflare/build'
 *
 * await bundleSlot({ entry: 'src/slot.ts', outfile: 'dist/slot.txt' })
 *
 * // worker.ts: wrangler takes `.txt` as text
 * import code from '../dist/slot.txt'
 *
 * @returns the text.
 * @throws {OptionError} when there is no `entry`, or it has no default export.
 * @throws {IsobarError} `SLOT_BUILD` when esbuild is not installed or cannot bundle it, with the cause.
 */
export async function bundleSlot({ entry, outfile, minify = true }: SlotBundleOptions): Promise<string> {
  const path = toPath(entry)
  if (!existsSync(path)) throw new OptionError(`entry of bundleSlot is ${path}, which does not exist`)
  const { outputFiles, metafile } = await bundle(path, minify)
  // One entry, without splitting: one output.
  const [output] = Object.values(metafile.outputs)
  if (!output?.exports.includes('default'))
    throw new OptionError(`${path} has no default export; write export default toSlot(app)`)
  const text = outputFiles[0]?.text ?? ''
  if (outfile !== undefined) writeChanged(toPath(outfile), text)
  return text
}

type Bundle = BuildResult<{ write: false; metafile: true }>

async function bundle(path: string, minify: boolean): Promise<Bundle> {
  const build = await loadEsbuild()
  try {
    return await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      metafile: true,
      minify,
      // Names of classes and functions are in errors and job types, and must not depend on how it is built.
      keepNames: true,
      format: 'esm',
      platform: 'neutral',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      mainFields: ['browser', 'module', 'main'],
      external: ['cloudflare:*'],
      plugins: [nodeBuiltins()],
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'silent',
    })
  } catch (cause) {
    throw new IsobarError('SLOT_BUILD', `the slot ${path} cannot be bundled: ${String((cause as Error).message)}`, {
      cause,
    })
  }
}

async function loadEsbuild(): Promise<(options: BuildOptions & { write: false; metafile: true }) => Promise<Bundle>> {
  try {
    const { build } = await import('esbuild')
    return build
  } catch (cause) {
    throw new IsobarError('SLOT_BUILD', 'bundleSlot needs the package esbuild, which cannot be loaded; install it', {
      cause,
    })
  }
}

function toPath(place: string | URL): string {
  return place instanceof URL ? fileURLToPath(place) : resolve(place)
}

function writeChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
