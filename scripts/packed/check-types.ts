import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS, readManifest } from '../jsr.ts'
import type { Installed } from './install.ts'
import { runQuietly } from './run-quietly.ts'

/**
 * Compiles the installed app, and an import of every entry, with the types that came with the packages: those are
 * checked as well, as far as they need no optional peer (those for Cloudflare need its types).
 */
export async function checkTypes({ folder, env }: Installed): Promise<void> {
  const entries = FOLDERS.map(readManifest)
    .flatMap(({ name, exports }) => Object.keys(exports).map((subpath) => name + subpath.slice(1)))
    .filter((specifier) => !specifier.startsWith('@isobar/adapters/cloudflare'))
  const imports = entries.map((specifier, n) => `export type * as n${n} from '${specifier}'\n`)
  writeFileSync(join(folder, 'entries.ts'), imports.join(''))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'NodeNext',
        target: 'ES2022',
        strict: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        types: ['node'],
        typeRoots: [fileURLToPath(new URL('../../node_modules/@types', import.meta.url))],
      },
      files: ['worker.ts', 'entries.ts'],
    }),
  )
  await runQuietly(['tsc', '--project', folder], { cwd: folder, env })
}
