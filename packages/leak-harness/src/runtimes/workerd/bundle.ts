import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildFailure, BuildOptions, Plugin } from 'esbuild'
import { HarnessError } from '../../errors.ts'
import type { EsbuildLibrary } from './peers.ts'
import { MODULE_NAME } from './worker/commands.ts'

/** A bundle, and where each line of it is from. */
export interface Bundle {
  readonly code: string
  /** Source map, as JSON. */
  readonly map: string
  /** Folder that the sources in the map are relative to. */
  readonly folder: string
}

/** As wrangler bundles: what has a version for Workers is taken in that. */
const SETTINGS: BuildOptions = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
  target: 'esnext',
  sourcemap: 'external',
  sourcesContent: false,
  logLevel: 'silent',
}

/** Modules of Node, which workerd has under their full names alone, and which CommonJS modules ask for, too. */
const NODE_MODULES: Plugin = {
  name: 'node-modules',
  setup(build) {
    const names = new Set(builtinModules)
    build.onResolve({ filter: /^[a-z_]+(\/[a-z_]+)?$|^node:/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '')
      if (!path.startsWith('node:') && !names.has(name)) return undefined
      if (kind === 'require-call') return { path: `node:${name}`, namespace: 'required-node-module' }
      return { path: `node:${name}`, external: true }
    })
    build.onLoad({ filter: /.*/, namespace: 'required-node-module' }, ({ path }) => ({
      contents: `import all from '${path}'; module.exports = all`,
    }))
  },
}

/**
 * Bundles the module under test, with what is to be loaded before it.
 * @throws {HarnessError} `HARNESS_LOAD` when it is not there, or something that it imports.
 */
export async function bundleModule(
  { build }: EsbuildLibrary,
  module: string,
  imports: readonly string[],
): Promise<Bundle> {
  const folder = dirname(module)
  const quoted = JSON.stringify(module)
  const first = imports.map((name) => `import ${JSON.stringify(name)}\n`).join('')
  try {
    const { outputFiles } = await build({
      ...SETTINGS,
      ...(imports.length === 0
        ? { entryPoints: [module] }
        : {
            stdin: {
              contents: `${first}export * from ${quoted}\nexport { default } from ${quoted}\n`,
              resolveDir: folder,
              sourcefile: 'leak-harness-imports.js',
            },
          }),
      absWorkingDir: folder,
      outfile: join(folder, MODULE_NAME),
      external: ['cloudflare:*'],
      plugins: [NODE_MODULES],
    })
    const text = (ending: string): string => outputFiles?.find(({ path }) => path.endsWith(ending))?.text ?? ''
    return { code: text('.js'), map: text('.js.map'), folder }
  } catch (cause) {
    throw new HarnessError('HARNESS_LOAD', `cannot bundle ${module} for workerd: ${describe(cause, folder)}`, { cause })
  }
}

/** Bundles a Worker of the harness' own: the one that loads the module, or the one that hands batches over. */
export async function bundleWorker({ build }: EsbuildLibrary, name: 'worker' | 'dispatcher'): Promise<string> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const { outputFiles } = await build({
    ...SETTINGS,
    sourcemap: false,
    entryPoints: [fileURLToPath(new URL(`./worker/${name}.${extension}`, import.meta.url))],
    external: ['node:*'],
  })
  return outputFiles?.[0]?.text ?? ''
}

function describe(cause: unknown, folder: string): string {
  const { errors } = cause as Partial<BuildFailure>
  if (!errors || errors.length === 0) return cause instanceof Error ? cause.message : String(cause)
  return errors
    .map(({ text, location }) =>
      location ? `${text} (${relative(folder, join(folder, location.file))}:${location.line})` : text,
    )
    .join('; ')
}
