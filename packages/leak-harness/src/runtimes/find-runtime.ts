import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { HarnessError } from '../errors.ts'

/** How each runtime is installed, in a project and on a machine. */
const INSTALL: Readonly<Record<'deno' | 'bun', string>> = {
  deno: 'npm install --save-dev deno',
  bun: 'npm install --save-dev bun',
}

/** Has a runtime say which program it is. */
const ASK: Readonly<Record<'deno' | 'bun', readonly string[]>> = {
  deno: ['eval', '--no-config', 'console.log(Deno.execPath())'],
  bun: ['-e', 'console.log(process.execPath)'],
}

/** How long it may take to say so, in ms. */
const ASK_MS = 30_000

const programs = new Map<string, string>()

/**
 * The program of a runtime: of the project that `folder` is in, else of the `PATH`. What is found there may be a script
 * that starts the program, which would be left behind when the script is killed: so it is asked once.
 * @throws {HarnessError} `HARNESS_NOT_AVAILABLE` with the command that installs it.
 */
export function findRuntime(name: 'deno' | 'bun', folder: string): string {
  const places = [...binFolders(folder), ...(process.env.PATH ?? '').split(delimiter)]
  const found = places.map((place) => join(place, name)).find(isProgram)
  if (found === undefined) throw absent(name, `there is no ${name} on this machine`)
  const known = programs.get(found)
  if (known !== undefined) return known
  const program = ask(name, found)
  programs.set(found, program)
  return program
}

function ask(name: 'deno' | 'bun', found: string): string {
  try {
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' }
    return execFileSync(found, ASK[name], {
      encoding: 'utf8',
      timeout: ASK_MS,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  } catch (cause) {
    throw absent(
      name,
      `${found} does not run (${cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)})`,
    )
  }
}

function absent(name: 'deno' | 'bun', problem: string): HarnessError {
  return new HarnessError(
    'HARNESS_NOT_AVAILABLE',
    `--runtime ${name}: ${problem}; install it (${INSTALL[name]}), or leave the runtime out`,
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
