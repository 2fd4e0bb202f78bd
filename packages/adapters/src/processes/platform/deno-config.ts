import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the flags of whoever starts isolates may say instead. */
const SAID = /^(-c$|--config\b|--no-config$|--node-modules-dir\b)/

/**
 * The configuration that Deno would find for a module, as flags: it looks for none when its main module is in no folder,
 * and then knows neither an import map nor `node_modules`. None where flags of the user's name one, or nothing is found.
 */
export function toConfigFlags(module: string, flags: readonly string[]): readonly string[] {
  if (!module.startsWith('file:') || flags.some((flag) => SAID.test(flag))) return []
  for (let folder = dirname(fileURLToPath(module)); ; folder = dirname(folder)) {
    const config = ['deno.json', 'deno.jsonc'].map((name) => join(folder, name)).find((path) => existsSync(path))
    if (config) return ['--config', config]
    // Beside a package.json, packages are where a package manager has put them.
    if (existsSync(join(folder, 'package.json'))) return ['--node-modules-dir=manual']
    if (folder === dirname(folder)) return []
  }
}
