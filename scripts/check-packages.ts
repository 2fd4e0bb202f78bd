import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.ts'

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url))

const { packageManager }: { packageManager: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string>>
  readonly publishConfig?: {
    readonly exports?: Readonly<Record<string, { readonly types: string; readonly default: string }>>
  }
}

/**
 * Checks what users would install: that each package's published exports mirror those of the workspace, that the files
 * they name are built, and that the packed tarball is right for publint. Expects a build.
 */
export async function checkPackages(scratch: string): Promise<{ passed: number; failed: number }> {
  let passed = 0
  let failed = 0
  const check = (ok: boolean, what: string): void => {
    if (ok) passed++
    else {
      failed++
      console.error(`FAIL ${what}`)
    }
  }
  check((await run(['tsc', '-b'])) === 0, 'the build')
  for (const folder of readdirSync(PACKAGES)) {
    const root = join(PACKAGES, folder)
    const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const published = manifest.publishConfig?.exports ?? {}
    check(
      Object.keys(published).join() === Object.keys(manifest.exports).join(),
      `${manifest.name}: publishConfig.exports names the same subpaths as exports`,
    )
    for (const [subpath, source] of Object.entries(manifest.exports)) {
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      const { types, default: main } = published[subpath] ?? {}
      check(
        types === `${built}.d.ts` && main === `${built}.js`,
        `${manifest.name} ${subpath}: publishes what ${source} is built to`,
      )
      check(
        existsSync(join(root, `${built}.js`)) && existsSync(join(root, `${built}.d.ts`)),
        `${manifest.name} ${subpath}: is built`,
      )
    }
    const into = join(scratch, folder)
    mkdirSync(into)
    check(
      (await run(['npx', '-y', packageManager, '--dir', root, 'pack', '--pack-destination', into])) === 0,
      `${manifest.name}: packs`,
    )
    const [tarball] = readdirSync(into)
    check(
      tarball !== undefined && (await run(['publint', 'run', join(into, tarball), '--strict'])) === 0,
      `${manifest.name}: publint`,
    )
  }
  return { passed, failed }
}
