import { fileURLToPath } from 'node:url'

/** What an isolate starts with. */
export const ISOLATE_BOOT: string = toScript('isolate-boot')

/** What an isolate runs, once it has started. */
export const ISOLATE_MAIN: string = toScript('isolate-main')

/** What a guardian runs. */
export const GUARDIAN: string = toScript('guardian-main')

/** The URL of a script: TypeScript in the workspace, JavaScript when built. */
function toScript(name: string): string {
  return new URL(`../isolates/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href
}

/** The path of a script, for runtimes that start files. */
export function toPath(script: string): string {
  return fileURLToPath(script)
}
