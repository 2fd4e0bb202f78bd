import { spawn } from 'node:child_process'

/** Runs a command of the workspace, its output shown, and answers with its exit code. */
export function run(
  [name, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(name, args, { stdio: 'inherit', env: { ...process.env, ...env } })
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new Error(`${name} could not be started; run it through pnpm`, { cause })))
    child.on('close', (code) => resolve(code ?? 1))
  })
}
