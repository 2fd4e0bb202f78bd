import { execFile } from 'node:child_process'
import { promisify, stripVTControlCharacters } from 'node:util'

/** How a command is run. */
export interface QuietOptions {
  readonly cwd: string
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Runs a command and answers with its standard output.
 * @throws with all that it printed, when it ends with another exit code than 0.
 */
export async function runQuietly(
  [name, ...args]: readonly [string, ...string[]],
  { cwd, env = process.env }: QuietOptions,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(name, args, { cwd, env, maxBuffer: 64_000_000 })
    return stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { readonly stdout?: string; readonly stderr?: string }
    const output = stripVTControlCharacters(`${stdout}${stderr}`).trim()
    throw new Error(`${name} ${args.join(' ')} failed: ${output || cause}`, { cause })
  }
}
