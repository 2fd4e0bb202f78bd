import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

/**
 * The error of an expression, told a folder in which nothing is installed. In a process of its own, as what starts the
 * tests may make packages known to every folder (`NODE_PATH`).
 */
async function errorOf(module: string, expression: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'leak-harness-empty-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'wrangler.jsonc'), '{}')
  const script = `
    import { createRequire } from 'node:module'
    const all = await import(${JSON.stringify(new URL(module, import.meta.url).href)})
    const folder = ${JSON.stringify(folder)}
    await (${expression}).catch((error) => console.log(error.code, error.message.replaceAll(folder, 'FOLDER')))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env: {} })
  return stdout
}

it('says what to install where Miniflare and esbuild are not there', async () => {
  expect(await errorOf('./peers.ts', "all.loadPeers(createRequire(folder + '/index.js'))")).toMatch(
    /^HARNESS_NOT_AVAILABLE .*npm install --save-dev wrangler/,
  )
})

it('says what to install where wrangler is not there', async () => {
  expect(await errorOf('./wrangler.ts', "all.findWrangler(folder + '/wrangler.jsonc')")).toMatch(
    /^HARNESS_NOT_AVAILABLE .* from FOLDER .*npm install --save-dev wrangler/,
  )
})
