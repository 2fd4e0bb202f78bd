import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FOLDERS, readManifest } from './jsr.ts'
import { runQuietly } from './packed/run-quietly.ts'
import { toSurface } from './surface/surface.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

let scratch: string

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'isobar-surface-'))
})

afterAll(() => rmSync(scratch, { recursive: true }))

/** What each entry exports, with its types: a change here is a decision. */
test.each(FOLDERS)('the public surface of %s', async (folder) => {
  const into = join(scratch, folder)
  await runQuietly(['tsc', '--project', `packages/${folder}`, '--outDir', into, ...DECLARATIONS_ONLY], { cwd: ROOT })
  await expect(toSurface(readManifest(folder), into)).toMatchFileSnapshot(`surface/${folder}.md`)
})

/** Types are checked elsewhere; here they are only written down. */
const DECLARATIONS_ONLY =
  '--noCheck --declaration --emitDeclarationOnly --declarationMap false --removeComments --composite false --incremental false'.split(
    ' ',
  )
