import { fileURLToPath } from 'node:url'

/** The path of a script beside the module that asks: TypeScript in the workspace, JavaScript when built. */
export function siblingScript(from: string, name: string): string {
  return fileURLToPath(new URL(`./${name}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from))
}
