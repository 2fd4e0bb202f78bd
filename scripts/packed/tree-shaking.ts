import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What `defineJob` alone may weigh with all that it needs, in bytes, minified and gzipped. It is some 1,700 before that. */
const LIMIT = 1_000

/** An ES module with all that it imports, minified. */
type Bundle = (path: string) => Promise<string>

const BUNDLERS: Readonly<Record<string, Bundle>> = {
  async esbuild(path) {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      target: 'es2022',
      logLevel: 'error',
    })
    return outputFiles[0]?.text ?? ''
  },
  /** What Vite bundles with, as it comes with vitest. */
  async rolldown(path) {
    const vitest = createRequire(import.meta.resolve('vitest'))
    const vite = createRequire(vitest.resolve('vite'))
    const { rolldown } = await import(pathToFileURL(vite.resolve('rolldown')).href)
    const bundle = await rolldown({ input: path, platform: 'neutral', logLevel: 'warn' })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    return output[0].code
  },
}

/**
 * Bundles an import of `defineJob` alone from the packages installed in a folder: what it does not use must be left out.
 * @throws when more is left than may be, with the bundle.
 */
export async function checkTreeShaking(folder: string): Promise<void> {
  const path = join(folder, 'define-job.js')
  writeFileSync(path, "export { defineJob } from '@isobar/core'\n")
  for (const [name, bundle] of Object.entries(BUNDLERS)) {
    const code = await bundle(path)
    const gzipped = gzipSync(code, { level: 9 }).byteLength
    if (!code.includes('defineJob') || gzipped > LIMIT)
      throw new Error(
        `${name} makes ${code.length} bytes of defineJob, ${gzipped} gzipped, and ${LIMIT} is the limit: look for what it does not need, at the top level of a module or in a call without /* @__PURE__ */:\n${code}`,
      )
  }
}
