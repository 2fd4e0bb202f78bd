import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

const packages = new URL('../packages/', import.meta.url)

/** What each subpath of each package exports at run time: a change here is a decision. */
describe.each(readdirSync(packages))('%s', (folder) => {
  const { name, exports } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8'))
  test.each(Object.entries<string>(exports))(`${name} %s`, async (_, file) => {
    const names = await exportsOf(fileURLToPath(new URL(`${folder}/${file}`, packages)))
    expect(names.sort()).toMatchSnapshot()
  })
})

/** Read rather than run: some entries run on one platform only. */
async function exportsOf(path: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'none',
    format: 'esm',
    platform: 'node',
    packages: 'external',
    external: ['cloudflare:*'],
    logLevel: 'silent',
  })
  return Object.values(metafile.outputs)[0]?.exports ?? []
}
