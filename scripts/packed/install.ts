import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FOLDERS, readManifest } from '../jsr.ts'
import type { Manager } from './managers.ts'
import { runQuietly } from './run-quietly.ts'

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))

/** A folder where a user's app is, with the packages installed. */
export interface Installed {
  readonly folder: string
  /** For what runs there: nothing in it leads back to the workspace. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Writes the app of `fixtures/` into a folder of its own outside of the workspace, its worker for the manager's runtime,
 * and installs what it imports: the packages from a registry that has them, the rest from where it always comes from.
 */
export async function installApp(manager: Manager, registry: string, folder: string): Promise<Installed> {
  mkdirSync(folder, { recursive: true })
  cpSync(FIXTURES, folder, { recursive: true })
  const worker = readFileSync(join(FIXTURES, 'worker.ts'), 'utf8')
  writeFileSync(
    join(folder, 'worker.ts'),
    worker.replace('@isobar/adapters/node', `@isobar/adapters/${manager.subpath}`),
  )
  const ours = FOLDERS.map(readManifest).map(({ name, version }) => ({ name, version }))
  const others = Object.keys(OWNERS).map((name) => ({ name, version: installedVersion(name) }))
  writeFileSync(join(folder, manager.manifest), JSON.stringify(toManifest([...ours, ...others], manager)))
  writeFileSync(join(folder, '.npmrc'), `@isobar:registry=${registry}\n`)
  const env = outside(folder)
  await runQuietly(manager.install, { cwd: folder, env })
  return { folder, env }
}

/** A package.json or a deno.json with packages. */
function toManifest(packages: readonly { name: string; version: string }[], { manifest }: Manager): object {
  if (manifest === 'deno.json')
    return { imports: Object.fromEntries(packages.map(({ name, version }) => [name, `npm:${name}@${version}`])) }
  const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]))
  return { private: true, type: 'module', dependencies }
}

/** The environment without what the workspace's package manager put there, and with caches that go with the folder. */
function outside(folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(p?npm_|INIT_CWD$|NODE_PATH$|NODE_ENV$|VITEST)/i.test(name) || /registry/i.test(name),
  )
  return {
    ...Object.fromEntries(inherited),
    npm_config_cache: join(folder, '.cache/npm'),
    pnpm_config_store_dir: join(folder, '.cache/pnpm-store'),
    pnpm_config_cache_dir: join(folder, '.cache/pnpm'),
    BUN_INSTALL_CACHE_DIR: join(folder, '.cache/bun'),
    DENO_DIR: join(folder, '.cache/deno'),
    DENO_NO_UPDATE_CHECK: '1',
  }
}

/** The version that the workspace's tests run with. */
function installedVersion(name: string): string {
  const manifest = new URL(`../../packages/${OWNERS[name]}/node_modules/${name}/package.json`, import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}

/** What is installed beside the packages, and which of them has it in this workspace. */
const OWNERS: Readonly<Record<string, string>> = {
  '@electric-sql/pglite': 'adapters',
  '@opentelemetry/api': 'adapters',
  bullmq: 'adapters',
  hono: 'adapters',
  ioredis: 'adapters',
  zod: 'core',
}
