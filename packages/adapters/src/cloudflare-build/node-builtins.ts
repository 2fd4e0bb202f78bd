import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

const REQUIRED = 'required-builtin'

/**
 * Leaves modules of Node to the platform, which knows them by `node:` only, and by `import` only: older packages name them
 * without, and `require` them.
 */
export function nodeBuiltins(): Plugin {
  const bare = builtinModules.filter((name) => !/^(node:|_)/.test(name)).join('|')
  return {
    name: 'node-builtins',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(node:.+|${bare})$`) }, ({ path, kind }) => {
        const full = path.startsWith('node:') ? path : `node:${path}`
        return kind === 'require-call' ? { path: full, namespace: REQUIRED } : { path: full, external: true }
      })
      build.onLoad({ filter: /.*/, namespace: REQUIRED }, ({ path }) => ({
        contents: `import all from ${JSON.stringify(path)}; module.exports = all`,
      }))
    },
  }
}
