#!/usr/bin/env node
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Invocation, parseArguments } from './cli/arguments.ts'
import { HELP } from './cli/help.ts'
import { zoo } from './cli/zoo.ts'
import { HarnessError } from './errors.ts'
import { toJson } from './report/json.ts'
import { createProgressLine } from './report/progress.ts'
import { toText } from './report/terminal.ts'
import { exitCodeOf, type HarnessReport } from './result.ts'
import { runHarness } from './run-harness.ts'
import { checkControls } from './zoo/controls.ts'

/** File that `--reporter json` writes under `--out`. */
const JSON_FILE = 'report.json'

/** Exit code of a run that failed. */
const FAILED = 3

async function main(): Promise<number> {
  const invocation = parseArguments(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  switch (invocation.command) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'version':
      process.stdout.write(`${await ownVersion()}\n`)
      return 0
    case 'run':
      return run(invocation)
    case 'zoo':
      if (invocation.out !== undefined) await makeFolder(invocation.out)
      return interruptible((signal) => zoo(invocation, signal))
  }
}

async function run(invocation: Extract<Invocation, { command: 'run' }>): Promise<number> {
  if (invocation.out !== undefined) await makeFolder(invocation.out)
  const line = createProgressLine(process.stderr)
  try {
    const report = await interruptible(async (signal) => {
      if (invocation.controls) await checkControls({ signal })
      return runHarness({ ...invocation.options, onProgress: line.show, signal })
    })
    line.clear()
    await write(report, invocation)
    return exitCodeOf(report, invocation)
  } finally {
    line.clear()
  }
}

/** Does work that ends early, by its signal, when the process is interrupted. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupted = new AbortController()
  const interrupt = (signal: NodeJS.Signals): void => interrupted.abort(signal)
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    return await work(interrupted.signal)
  } finally {
    process.removeListener('SIGINT', interrupt)
    process.removeListener('SIGTERM', interrupt)
  }
}

/** Before anything runs: what took minutes to measure is not lost for want of a place to write it. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError('HARNESS_USAGE', `--out ${folder} cannot be made: ${reason}; name a folder to write in`, {
      cause,
    })
  }
}

/** JSON on standard output is for a program to read: whatever a person reads then goes to standard error. */
async function write(
  report: HarnessReport,
  { reporters, out }: Extract<Invocation, { command: 'run' }>,
): Promise<void> {
  const jsonToOutput = reporters.includes('json') && out === undefined
  if (reporters.includes('terminal')) {
    const stream = jsonToOutput ? process.stderr : process.stdout
    stream.write(toText(report, { colours: stream.isTTY === true && stream.hasColors() }))
  }
  if (!reporters.includes('json')) return
  if (out === undefined) {
    await new Promise((resolve) => process.stdout.write(toJson(report), resolve))
    return
  }
  await writeFile(join(out, JSON_FILE), toJson(report))
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(
    error instanceof HarnessError
      ? `${error.code}: ${error.message}\n`
      : `${error instanceof Error ? error.stack : String(error)}\n`,
  )
  process.exitCode = FAILED
}
