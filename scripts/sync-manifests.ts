/**
 * `node scripts/sync-manifests.ts`: writes what follows from the packages' `package.json`, which is what counts: their
 * `jsr.json`, and the version where the code has it (`version.ts`).
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS, jsrText, readManifest } from './jsr.ts'

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url))

/** The files that follow from package.json, by path, as they should be. */
export function derivedFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const folder of FOLDERS) {
    files.set(join(PACKAGES, folder, 'jsr.json'), jsrText(folder))
    for (const name of globSync('src/**/version.ts', { cwd: join(PACKAGES, folder) })) {
      const path = join(PACKAGES, folder, name)
      files.set(path, readFileSync(path, 'utf8').replace(VERSION, `$1'${readManifest(folder).version}'`))
    }
  }
  return files
}

const VERSION = /^(export const VERSION: string = )'.*'$/m

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of derivedFiles()) writeFileSync(path, text)
}
