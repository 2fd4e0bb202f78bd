import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { HarnessError } from '../errors.ts'

/** How each runtime is installed, in a project and on a machine. */
const INSTALL: Readonly<Record<'deno' | 'bun', string>> = {
  deno: 'npm install --save-dev deno',
  bun: 'npm install --save-dev bun',
}

/**
 * The program of a runtime: of the project that `folder` is in, else of the `PATH`.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` with the command that installs it.
 */
export function findRuntime(name: 'deno' | 'bun', folder: string): string {
  const places = [...binFolders(folder), ...(process.env.PATH ?? '').split(delimiter)]
  const found = places.map((place) => join(place, name)).find(isProgram)
  if (found) return found
  throw new HarnessError(
    'HARNESS_NOT_AVAILABLE',
    `--runtime ${name}: there is no ${name} on this machine; install it (${INSTALL[name]}), or leave the runtime out`,
  )
}

function binFolders(folder: string): string[] {
  const parent = dirname(folder)
  return [join(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : binFolders(parent))]
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
