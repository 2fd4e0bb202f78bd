import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArguments, toHelp, UsageError } from './arguments.ts'
import { GROUPS } from './groups.ts'
import { describeMachine } from './machine.ts'
import { type GroupReport, type Report, runGroup } from './report.ts'

/** Exit code of a command line that cannot be understood. */
const USAGE = 2

async function main(): Promise<void> {
  // pnpm runs scripts in the package's folder; a path on the command line is meant from where it was typed.
  const invocation = parseArguments(process.argv.slice(2), GROUPS, process.env.INIT_CWD ?? process.cwd())
  if (invocation.help) {
    process.stdout.write(toHelp(GROUPS))
    return
  }
  const interrupted = new AbortController()
  const interrupt = (signal: NodeJS.Signals): void => interrupted.abort(new Error(`interrupted by ${signal}`))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const machine = describeMachine()
  const { cpu, cores, runtime, load } = machine
  process.stdout.write(`${cpu}, ${cores} cores, ${runtime}, load ${load.toFixed(2)}\n`)
  const groups: GroupReport[] = []
  const { signal } = interrupted
  const write = (text: string): boolean => process.stdout.write(text)
  try {
    for (const group of invocation.groups) {
      groups.push(await runGroup(group, { signal, rounds: invocation.rounds, write }))
      signal.throwIfAborted()
    }
  } finally {
    process.removeListener('SIGINT', interrupt)
    process.removeListener('SIGTERM', interrupt)
    // What was measured before something failed is kept.
    if (invocation.json) {
      await mkdir(dirname(invocation.json), { recursive: true })
      await writeFile(invocation.json, toJson({ version: 1, machine, groups }))
    }
  }
}

function toJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`
}

try {
  await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = USAGE
}
