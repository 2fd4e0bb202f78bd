import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS, readManifest } from '../jsr.ts'
import { runQuietly } from './run-quietly.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** `pnpm@…`, the one of the workspace. */
export const { packageManager: PNPM }: { packageManager: string } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
)

/**
 * Builds the packages and packs them into a folder, as a release does. Answers with the tarball of each, by its folder's
 * name in `packages/`.
 */
export async function packPackages(into: string): Promise<Readonly<Record<string, string>>> {
  for (const folder of FOLDERS) removeStale(join(ROOT, 'packages', folder))
  await runQuietly(['tsc', '-b', ...FOLDERS.map((folder) => `packages/${folder}`)], { cwd: ROOT })
  mkdirSync(into, { recursive: true })
  const filters = FOLDERS.flatMap((folder) => ['--filter', `./packages/${folder}`])
  await runQuietly(['npx', '-y', PNPM, '--recursive', ...filters, 'pack', '--pack-destination', into], { cwd: ROOT })
  return Object.fromEntries(
    FOLDERS.map((folder) => {
      const { name, version } = readManifest(folder)
      return [folder, join(into, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)]
    }),
  )
}

/** The compiler leaves what it has built from sources that are gone since, and it would be packed. */
function removeStale(root: string): void {
  for (const built of globSync('dist/**/*.js', { cwd: root })) {
    const stem = built.slice(0, -'.js'.length)
    if (existsSync(join(root, `${stem.replace('dist', 'src')}.ts`))) continue
    for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(join(root, stem + ending), { force: true })
  }
}
