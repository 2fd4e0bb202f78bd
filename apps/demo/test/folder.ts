import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine } from '../src/processes/engine.ts'

/** A folder of a test's own. Disposing removes it. */
export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder in which an engine has been opened once: that takes seconds, a copy of it does not. */
export async function createEngineFolder(): Promise<TestFolder> {
  const folder = await createFolder()
  const engine = await openEngine({ kind: 'embedded', folder: folder.path })
  await engine.close()
  return folder
}

/** Makes a copy of a folder. */
export async function copyFolder({ path }: TestFolder): Promise<TestFolder> {
  const folder = await createFolder()
  await cp(path, folder.path, { recursive: true })
  return folder
}

/** Makes an empty one. */
export async function createFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'isobar-demo-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
