import { readdirSync, readFileSync } from 'node:fs'

const PACKAGES = new URL('../packages/', import.meta.url)

/** Subpaths that JSR cannot have, with the reason. */
export const NPM_ONLY: Readonly<Record<string, string>> = {
  '@isobar/leak-harness/vitest': 'it adds a matcher to the types of vitest, and JSR allows no ambient modules',
}

/** What is read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A `jsr.json`. */
export interface JsrManifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly exports: Readonly<Record<string, string>>
  readonly imports?: Readonly<Record<string, string>>
  readonly publish: { readonly include: readonly string[]; readonly exclude: readonly string[] }
}

/** What the versions in a package.json refer to. */
interface Versions {
  /** The version that all packages of the workspace have: they are released together. */
  readonly workspace: string
  /** Of the workspace, by name. */
  readonly catalog: Readonly<Record<string, string>>
}

/**
 * The manifest for JSR of a package. JSR publishes the TypeScript sources, so that `exports` are those of the workspace. A
 * package has at most one command, and it becomes `./cli`, as JSR has no bins.
 */
export function toJsr(manifest: Manifest, versions: Versions): JsrManifest {
  const { name, version, license, bin = {}, dependencies = {}, peerDependencies = {} } = manifest
  const npmOnly = Object.entries(manifest.exports).filter(([subpath]) => toSpecifier(name, subpath) in NPM_ONLY)
  const exports = Object.entries(manifest.exports).filter(([subpath]) => !(toSpecifier(name, subpath) in NPM_ONLY))
  const [cli] = Object.values(bin)
  // The peer that an npm-only entry is named after is needed by nothing else.
  const peers = Object.keys(peerDependencies).filter((peer) => !npmOnly.some(([subpath]) => subpath === `./${peer}`))
  const imports = {
    ...Object.fromEntries(
      Object.entries(dependencies).map(([dependency, range]) => [
        dependency,
        range.startsWith('workspace:')
          ? `jsr:${dependency}@${range.slice('workspace:'.length).replace('*', '')}${versions.workspace}`
          : `npm:${dependency}@${range}`,
      ]),
    ),
    ...Object.fromEntries(peers.map((peer) => [peer, `npm:${peer}@^${tested(manifest, peer, versions)}`])),
  }
  return {
    name,
    version,
    license,
    exports: { ...Object.fromEntries(exports), ...(cli && { './cli': cli }) },
    ...(Object.keys(imports).length > 0 && { imports }),
    publish: {
      include: ['README.md', 'src'],
      exclude: ['**/*.test.ts', ...npmOnly.map(([, file]) => file.replace('./', ''))],
    },
  }
}

/** A range like `>=8` cannot be said in a specifier; what can is the version that the tests run with, or compatible. */
function tested({ name, devDependencies = {} }: Manifest, peer: string, { catalog }: Versions): string {
  const version = devDependencies[peer] === 'catalog:' ? catalog[peer] : devDependencies[peer]
  if (!version) throw new Error(`${name} has the peer ${peer} and is not tested with it: add it to devDependencies`)
  return version
}

function toSpecifier(name: string, subpath: string): string {
  return `${name}${subpath.slice(1)}`
}

/** The packages' folders. */
export const FOLDERS: readonly string[] = readdirSync(PACKAGES)

/** What `jsr.json` of a package should say, as text. */
export function jsrText(folder: string): string {
  const manifest = readManifest(folder)
  const jsr = toJsr(manifest, { workspace: manifest.version, catalog: readCatalog() })
  // Lists on one line, as the formatter has them.
  const text = JSON.stringify(jsr, null, 2).replace(
    /\[\s+([^\]]*?)\s+\]/g,
    (_, items: string) => `[${items.replace(/\s+/g, ' ')}]`,
  )
  return `${text}\n`
}

/** The package.json of a package. */
export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, PACKAGES), 'utf8'))
}

/** The versions that the workspace has settled on: the lines under `catalog:`. */
function readCatalog(): Record<string, string> {
  const text = readFileSync(new URL('../pnpm-workspace.yaml', import.meta.url), 'utf8')
  const [, lines = ''] = /^catalog:\n((?: {2}.*\n)+)/m.exec(text) ?? []
  return Object.fromEntries(
    [...lines.matchAll(/^ {2}"?([^":]+)"?: (\S+)/gm)].map(([, name, version]) => [name, version]),
  )
}
