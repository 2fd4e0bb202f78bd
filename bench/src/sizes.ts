import { readdirSync, readFileSync } from 'node:fs'
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

/** What is promised to users. A KB is 1,000 bytes, as everywhere in isobar. */
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

/**
 * What each entry of the packages may weigh with all of its exports, in bytes, minified and gzipped; dependencies, peers
 * and what the runtime brings are not counted. A little above what it weighs: what makes it heavier is a decision.
 */
const ENTRY_LIMITS: Readonly<Record<string, number>> = {
  '@isobar/core': 8_000,
  '@isobar/core/producer': 2_550,
  '@isobar/core/codec': 1_500,
  '@isobar/core/worker': 15_400,
  '@isobar/core/memory': 7_100,
  '@isobar/core/plugins/logger': 1_200,
  '@isobar/core/plugins/concurrency': 1_250,
  '@isobar/core/plugins/idempotency': 1_350,
  '@isobar/core/plugins/recorder': 2_600,
  '@isobar/core/testing': 39_000,
  '@isobar/adapters/bun': 16_000,
  '@isobar/adapters/bullmq': 21_500,
  '@isobar/adapters/cloudflare': 5_500,
  '@isobar/adapters/cloudflare/build': 1_150,
  '@isobar/adapters/cloudflare/dead-letters': 5_000,
  '@isobar/adapters/cloudflare/r2': 500,
  '@isobar/adapters/cloudflare/slot': 1_850,
  '@isobar/adapters/cloudflare/slots': 3_900,
  '@isobar/adapters/deno': 16_000,
  // Most of it is the dashboard, which is loaded when somebody first asks for it.
  '@isobar/adapters/http': 52_000,
  '@isobar/adapters/node': 16_000,
  '@isobar/adapters/opentelemetry': 2_600,
  '@isobar/adapters/postgres': 26_500,
  '@isobar/leak-harness': 55_000,
  '@isobar/leak-harness/bullmq': 1_700,
  '@isobar/leak-harness/graphile-worker': 1_100,
  '@isobar/leak-harness/pg-boss': 1_000,
  '@isobar/leak-harness/testing': 25_500,
  '@isobar/leak-harness/vitest': 42_000,
}

const PACKAGES = new URL('../../packages/', import.meta.url)

/**
 * A budget for each entry that the packages export.
 * @throws when an entry has no limit, or a limit no entry.
 */
export function entryBudgets(): readonly SizeBudget[] {
  const budgets = readdirSync(PACKAGES).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(new URL(`${folder}/package.json`, PACKAGES), 'utf8'))
    const others = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    const external = [...others.flatMap((name) => [name, `${name}/*`]), 'node:*', 'bun:*']
    return Object.keys(manifest.exports).map((subpath) => {
      const name = `${manifest.name}${subpath.slice(1)}`
      const limit = ENTRY_LIMITS[name]
      if (limit === undefined) throw new Error(`${name} has no limit of size: give it one in bench/src/sizes.ts`)
      return { name, code: `export * from '${name}'`, external, limit }
    })
  })
  const gone = Object.keys(ENTRY_LIMITS).filter((name) => !budgets.some((budget) => budget.name === name))
  if (gone.length > 0) throw new Error(`there is no ${gone.join(', ')}: take it out of bench/src/sizes.ts`)
  return budgets
}

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
