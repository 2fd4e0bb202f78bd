import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'

/** A registry of npm packages for a test. */
export interface Registry extends AsyncDisposable {
  readonly url: string
}

/** Long ago, as package managers may refuse what has just been published. */
const PUBLISHED_AT = '2020-01-01T00:00:00.000Z'

/**
 * Serves tarballs as a registry does, so that each package manager installs them by name and version, as users do.
 * It knows nothing else: it is for one scope.
 */
export async function serveRegistry(tarballs: readonly string[]): Promise<Registry> {
  const packages = new Map<string, { readonly manifest: Manifest; readonly tarball: Buffer }>()
  for (const path of tarballs) {
    const manifest = await readPackedManifest(path)
    packages.set(manifest.name, { manifest, tarball: readFileSync(path) })
  }
  const server = createServer((request, response) => {
    const [name = '', isTarball] = decodeURIComponent(request.url ?? '')
      .slice(1)
      .split('/-/')
    const found = packages.get(name)
    if (!found) return void response.writeHead(404).end()
    if (isTarball) return void response.end(found.tarball)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(packument(found.manifest, found.tarball)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  function packument(manifest: Manifest, tarball: Buffer): object {
    const { name, version } = manifest
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const dist = { tarball: `${url}${name}/-/${version}.tgz`, integrity }
    return {
      name,
      'dist-tags': { latest: version },
      time: { created: PUBLISHED_AT, modified: PUBLISHED_AT, [version]: PUBLISHED_AT },
      versions: { [version]: { ...manifest, dist } },
    }
  }

  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Manifest {
  readonly name: string
  readonly version: string
}

/** The package.json inside a tarball: that of the workspace, with what `publishConfig` says. */
async function readPackedManifest(tarball: string): Promise<Manifest> {
  const { stdout } = await promisify(execFile)('tar', ['-xOzf', tarball, 'package/package.json'])
  return JSON.parse(stdout)
}
