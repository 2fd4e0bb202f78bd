import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS } from './jsr.ts'
import { checkBins, checkWorker } from './packed/check-installed.ts'
import { checkTypes } from './packed/check-types.ts'
import { installApp } from './packed/install.ts'
import { MANAGERS } from './packed/managers.ts'
import { packPackages } from './packed/pack.ts'
import { serveRegistry } from './packed/registry.ts'
import { runQuietly } from './packed/run-quietly.ts'
import { checkSideEffects } from './packed/side-effects.ts'
import { checkTreeShaking } from './packed/tree-shaking.ts'

const PACKAGES = fileURLToPath(new URL('../packages', import.meta.url))

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly publishConfig?: {
    readonly exports?: Readonly<Record<string, { readonly types: string; readonly default: string }>>
    readonly bin?: Readonly<Record<string, string>>
  }
}

/** Checks one thing: it is so unless it answers false or throws. */
type Check = (what: string, ok: () => unknown) => Promise<void>

/**
 * Checks what users would install: that what each package publishes mirrors what it has in the workspace and is built,
 * that the packed tarballs are right for publint and attw and shake well, and that an app which has installed them
 * compiles and runs (on Node with npm; with all package managers in `pnpm test:full`).
 */
export async function checkPackages(scratch: string): Promise<{ passed: number; failed: number }> {
  let passed = 0
  let failed = 0
  const check: Check = async (what, ok) => {
    try {
      if ((await ok()) === false) throw new Error('it is not so')
      passed++
    } catch (error) {
      failed++
      console.error(`FAIL ${what}: ${error instanceof Error ? error.message : error}`)
    }
  }

  let tarballs: Readonly<Record<string, string>> = {}
  await check('the packages build and pack', async () => {
    tarballs = await packPackages(join(scratch, 'tarballs'))
  })
  if (failed > 0) return { passed, failed }

  for (const folder of FOLDERS) for (const [what, ok] of mirrorChecks(folder)) await check(what, ok)
  // Much of this is waiting.
  await Promise.all([checkTarballs(tarballs, scratch, check), checkPacked(tarballs, join(scratch, 'app'), check)])
  return { passed, failed }
}

async function checkTarballs(tarballs: Readonly<Record<string, string>>, cwd: string, check: Check): Promise<void> {
  for (const [folder, tarball] of Object.entries(tarballs)) {
    await check(`${folder}: publint`, () => runQuietly(['publint', 'run', tarball, '--strict'], { cwd }))
    // ESM only: `require` gets a package where Node can require modules.
    await check(`${folder}: attw`, () =>
      runQuietly(['attw', tarball, '--profile', 'esm-only', '--no-color', '--no-emoji'], { cwd }),
    )
  }
}

async function checkPacked(tarballs: Readonly<Record<string, string>>, folder: string, check: Check): Promise<void> {
  await using registry = await serveRegistry(Object.values(tarballs))
  await check('packed: installs with npm', async () => {
    const installed = await installApp(MANAGERS.npm, registry.url, folder)
    await check('packed: the types of an app and of all entries', () => checkTypes(installed))
    await check('packed: defineJob alone is small', () => checkTreeShaking(folder))
    await check('packed: imports leave nothing behind', () => checkSideEffects(installed))
    await check('packed: 100 jobs in two isolates, and an end on SIGTERM', () => checkWorker(MANAGERS.npm, installed))
    // As npx would, which takes a second for each.
    const bin = (name: string): [string] => [join(folder, 'node_modules/.bin', name)]
    await check('packed: the commands run', () => checkBins({ ...MANAGERS.npm, bin }, installed))
  })
}

/** That what is published is what there is, built. */
function mirrorChecks(folder: string): [what: string, ok: () => boolean][] {
  const root = join(PACKAGES, folder)
  const {
    name,
    exports,
    bin = {},
    publishConfig,
  }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const published = publishConfig?.exports ?? {}
  return [
    [
      `${name}: publishConfig.exports names the same subpaths as exports`,
      () => Object.keys(published).join() === Object.keys(exports).join(),
    ],
    [
      `${name}: publishConfig.bin is what bin is built to`,
      () =>
        JSON.stringify(publishConfig?.bin ?? {}) ===
        JSON.stringify(
          Object.fromEntries(Object.entries(bin).map(([command, file]) => [command, `${built(file)}.js`])),
        ),
    ],
    ...Object.entries(exports).flatMap(([subpath, source]): [string, () => boolean][] => [
      [
        `${name} ${subpath}: publishes what ${source} is built to`,
        () =>
          published[subpath]?.types === `${built(source)}.d.ts` &&
          published[subpath]?.default === `${built(source)}.js`,
      ],
      [
        `${name} ${subpath}: is built`,
        () => existsSync(join(root, `${built(source)}.js`)) && existsSync(join(root, `${built(source)}.d.ts`)),
      ],
    ]),
  ]
}

/** Where a source is built to, without its ending. */
function built(source: string): string {
  return source.replace('./src/', './dist/').replace(/\.ts$/, '')
}
