import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openWorkerd } from '../../test/workerd/open-workerd.ts'
import { bundleSlot } from './bundle-slot.ts'

const SLOT = new URL('../../test/workerd/fixtures/slots-conformance-slot.ts', import.meta.url)
const MAIN = new URL('../../test/workerd/fixtures/slots-conformance.ts', import.meta.url)

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-bundle-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A module of these lines. */
function write(folder: string, name: string, ...lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.join('\n'))
  return path
}

test('what it makes runs in slots, small', async () => {
  const code = await bundleSlot({ entry: SLOT })
  const { ask } = await openWorkerd(MAIN, { workerLoaders: { LOADER: {} }, bindings: { CODE: code } })
  const results = await ask<[name: string, failure: string | null][]>('/')
  expect(results.filter(([, failure]) => failure !== null)).toEqual([])
  expect(code.length).toBeLessThan((await bundleSlot({ entry: SLOT, minify: false })).length)
})

test('the file is written when its text changes, and only then', async () => {
  const folder = createFolder()
  const entry = write(folder, 'slot.js', 'export default 1')
  const outfile = join(folder, 'new', 'slot.txt')
  const text = await bundleSlot({ entry, outfile })
  expect(readFileSync(outfile, 'utf8')).toBe(text)
  const { mtimeNs } = statSync(outfile, { bigint: true })
  await bundleSlot({ entry, outfile })
  expect(statSync(outfile, { bigint: true }).mtimeNs).toBe(mtimeNs)
  write(folder, 'slot.js', 'export default 2')
  await bundleSlot({ entry, outfile })
  expect(readFileSync(outfile, 'utf8')).not.toBe(text)
})

test('modules of Node are imported from the platform, however they are named and asked for', async () => {
  const folder = createFolder()
  write(
    folder,
    'old.cjs',
    "module.exports = [require('path').join('a', 'b'), new (require('events').EventEmitter)().eventNames()]",
  )
  const entry = write(
    folder,
    'worker.js',
    "import old from './old.cjs'",
    "import { Buffer } from 'buffer'",
    "export default { fetch: () => Response.json([old, Buffer.from('ä').length]) }",
  )
  const bundled = write(folder, 'bundled.js', await bundleSlot({ entry }))
  const { ask } = await openWorkerd(new URL(`file://${bundled}`), { compatibilityFlags: ['nodejs_compat'] })
  expect(await ask('/')).toEqual([['a/b', []], 2])
})

test('what cannot be a slot is told', async () => {
  const folder = createFolder()
  await expect(bundleSlot({ entry: join(folder, 'none.js') })).rejects.toMatchObject({ code: 'OPTION' })
  await expect(bundleSlot({ entry: write(folder, 'no.js', 'export const a = 1') })).rejects.toThrow('no default export')
  const missing = write(folder, 'missing.js', "import a from './not-there.js'; export default a")
  await expect(bundleSlot({ entry: missing })).rejects.toMatchObject({
    code: 'SLOT_BUILD',
    message: expect.stringContaining('not-there.js'),
  })
})
