import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Report } from '../../src/everywhere/identity.ts'
import { DENO_ENV, RUNTIMES } from '../runtimes.ts'

/** How long a run may take before it is killed, in ms. */
const RUN_MS = 120_000

/**
 * Runs jobs through `serve` of a runtime's own adapter, as a program of that runtime.
 * @throws when it does not exit with 0, or says anything on standard error.
 */
export async function runInProcess(name: keyof typeof RUNTIMES, jobs: number): Promise<Report> {
  const { program, flags } = RUNTIMES[name]()
  const script = fileURLToPath(new URL(`../../src/everywhere/${name}.ts`, import.meta.url))
  const { stdout, stderr } = await promisify(execFile)(program, [...flags, script, String(jobs)], {
    env: { ...process.env, ...DENO_ENV },
    timeout: RUN_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (stderr !== '') throw new Error(`${name} said ${stderr}`)
  return JSON.parse(stdout)
}
