import { readFile } from 'node:fs/promises'

/** The package's manifest, from the sources and from the build alike. */
const MANIFEST = new URL('../../../package.json', import.meta.url)

let version: Promise<string> | undefined

/** The version of this package. */
export function readVersion(): Promise<string> {
  version ??= readFile(MANIFEST, 'utf8').then((text) => (JSON.parse(text) as { version: string }).version)
  return version
}
