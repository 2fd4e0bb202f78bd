import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { checkBins, checkWorker } from './check-installed.ts'
import { type Installed, installApp } from './install.ts'
import { MANAGERS } from './managers.ts'
import { packPackages } from './pack.ts'
import { type Registry, serveRegistry } from './registry.ts'

/** For what waits for a network, a build, or a disk. */
const SLOW_MS = 300_000

let scratch: string
let registry: Registry

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'isobar-packed-'))
  registry = await serveRegistry(Object.values(await packPackages(join(scratch, 'tarballs'))))
}, SLOW_MS)

afterAll(async () => {
  await registry?.[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true })
}, SLOW_MS)

/** One of them is in `pnpm test` as well: see check-packages.ts. */
describe.each(Object.entries(MANAGERS))('installed into an empty folder with %s', (name, manager) => {
  let installed: Installed

  beforeAll(async () => {
    installed = await installApp(manager, registry.url, join(scratch, name))
  }, SLOW_MS)

  test('a worker does 100 jobs in two isolates and ends on SIGTERM', () => checkWorker(manager, installed))

  test('the commands run', () => checkBins(manager, installed))
})
