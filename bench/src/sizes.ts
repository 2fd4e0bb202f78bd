import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What an import may weigh. */
export interface SizeBudget {
  readonly name: string
  /** An ES module as a user writes it; its imports are all that is bundled. */
  readonly code: string
  /** Modules that are not counted. */
  readonly external?: readonly string[]
  /** Largest size in bytes, minified and gzipped. */
  readonly limit: number
}

/** What has a budget. A KB is 1,000 bytes, as everywhere in isobar. */
export const SIZE_BUDGETS: readonly SizeBudget[] = [
  { name: 'core-entry', code: "export * from '@isobar/core'", limit: 8_000 },
  { name: 'define-job', code: "export { defineJob } from '@isobar/core'", limit: 1_000 },
  {
    name: 'cloudflare-adapter',
    code: "export { toSender, toWorker } from '@isobar/adapters/cloudflare'",
    external: ['@isobar/core', '@isobar/core/*'],
    limit: 4_000,
  },
  {
    name: 'cloudflare-worker',
    code: `import { toWorker } from '@isobar/adapters/cloudflare'
      import { createApp, defineJob } from '@isobar/core'
      export default toWorker(createApp().on(defineJob({ name: 'a' }), () => {}), { deadLetter: 'DLQ' })`,
    limit: 12_000,
  },
]

/** A size in bytes. */
export interface Size {
  readonly minified: number
  /** Minified, then gzipped as tightly as gzip can. */
  readonly gzipped: number
  /** Minified bytes of each source file that is in the bundle, largest first. */
  readonly parts: readonly (readonly [file: string, bytes: number])[]
}

/** What a module weighs with all that it imports, but for what is `external`, minified and gzipped, for ES2022. */
export async function measureSize(code: string, external: readonly string[] = []): Promise<Size> {
  const result = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    external: [...external, 'cloudflare:*'],
    logLevel: 'silent',
  })
  const [output] = result.outputFiles
  const [inputs] = Object.values(result.metafile.outputs).map((one) => one.inputs)
  if (!output || !inputs) throw new Error(`esbuild gave no output for: ${code}`)
  const parts = Object.entries(inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const)
  return {
    minified: output.contents.byteLength,
    gzipped: gzipSync(output.contents, { level: 9 }).byteLength,
    parts: parts.filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a),
  }
}
