import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type DemoProcess, startProcess } from './demo-process.ts'
import { DENO_ENV, RUNTIMES } from './runtimes.ts'

const DEMO = fileURLToPath(new URL('../', import.meta.url))

/** What `deno task start` permits, but for the folder that is written to: here it is one of the test's own. */
function denoPermissions(folder: string): string[] {
  const { tasks } = JSON.parse(readFileSync(`${DEMO}deno.json`, 'utf8'))
  const flags: string[] = tasks.start.command.match(/--allow-\S+/g)
  return flags.map((flag) => (flag === '--allow-write=.isobar' ? `--allow-write=${folder}` : flag))
}

/** Starts the demo on a runtime, with the permissions that it has where it is restricted. */
export function startOn(name: keyof typeof RUNTIMES, folder: string, ...args: readonly string[]): DemoProcess {
  const { program, flags } = RUNTIMES[name]()
  const permitted = flags.flatMap((flag) => (flag === '--allow-all' ? denoPermissions(folder) : [flag]))
  return startProcess(program, [...permitted, `${DEMO}src/${name}.ts`, '--folder', folder, ...args], {
    ...DENO_ENV,
    // Where isolates write down what they do: there, as nothing else may be written to.
    TMPDIR: folder,
  })
}
