/**
 * `node scripts/publish-jsr.ts [--dry-run]`: publishes the packages on JSR, those that are there in this version already
 * left out. Deno needs a workspace of its own for that, beside no package.json.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify, stripVTControlCharacters } from 'node:util'
import { FOLDERS } from './jsr.ts'

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url))

/** A workspace for Deno, in which `@isobar/core` is the package beside, and other imports are those installed here. */
export function createJsrWorkspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'isobar-jsr-'))
  writeFileSync(join(root, 'deno.json'), JSON.stringify({ workspace: FOLDERS, nodeModulesDir: 'manual' }))
  for (const folder of FOLDERS) {
    mkdirSync(join(root, folder))
    for (const name of ['src', 'jsr.json', 'README.md']) {
      cpSync(join(PACKAGES, folder, name), join(root, folder, name), { recursive: true })
    }
    symlinkSync(join(PACKAGES, folder, 'node_modules'), join(root, folder, 'node_modules'))
  }
  return root
}

/**
 * Publishes all packages of such a workspace, and answers with what Deno told.
 * @throws when JSR would refuse one: for imports it cannot follow, or for slow types.
 */
export async function publishJsr(
  cwd: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  // Types are checked by tsc; slow types are looked for all the same. The copy is no work tree.
  const args = ['publish', '--no-check', '--no-lock', '--allow-dirty', ...flags]
  const { stderr } = await promisify(execFile)('deno', args, { cwd, env, maxBuffer: 64_000_000 })
  return stripVTControlCharacters(stderr)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cwd = createJsrWorkspace()
  try {
    console.log(await publishJsr(cwd, process.argv.slice(2)))
  } finally {
    rmSync(cwd, { recursive: true })
  }
}
