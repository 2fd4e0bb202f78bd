#!/usr/bin/env node
import { mkdir } from 'node:fs/promises'
import { applyBaseline, type Baseline, updateBaseline } from './baseline/baseline.ts'
import { readBaseline, writeBaseline } from './baseline/baseline-file.ts'
import { type Invocation, parseArguments } from './cli/arguments.ts'
import { compare } from './cli/compare.ts'
import { HELP } from './cli/help.ts'
import { writeReport } from './cli/write-report.ts'
import { zoo } from './cli/zoo.ts'
import { HarnessError } from './errors.ts'
import { createProgressLine } from './report/progress.ts'
import { exitCodeOf, type HarnessReport } from './result.ts'
import { type HarnessOptions, runHarness } from './run-harness.ts'
import { VERSION } from './version.ts'
import { toBullmqRun } from './wrappers/bullmq-file.ts'
import { checkControls } from './zoo/controls.ts'

/** Exit code of a run that failed. */
const FAILED = 3

type Run = Extract<Invocation, { command: 'run' }>

async function main(): Promise<number> {
  const invocation = parseArguments(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  switch (invocation.command) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'version':
      process.stdout.write(`${VERSION}\n`)
      return 0
    case 'run':
      return run(invocation)
    case 'compare':
      return compare(invocation)
    case 'zoo':
      if (invocation.out !== undefined) await makeFolder(invocation.out)
      return interruptible((signal) => zoo(invocation, signal))
  }
}

async function run(invocation: Run): Promise<number> {
  const options = toHarnessOptions(invocation)
  if (invocation.out !== undefined) await makeFolder(invocation.out)
  const accepted = invocation.baseline && (await readAccepted(invocation.baseline))
  const line = createProgressLine(process.stderr)
  try {
    const report = await interruptible(async (signal) => {
      if (invocation.controls) await checkControls({ signal })
      return runHarness({ ...options, onProgress: line.show, signal })
    })
    line.clear()
    const judged = accepted && invocation.baseline ? await holdAgainst(report, accepted, invocation.baseline) : report
    await writeReport(judged, invocation, process.env)
    return exitCodeOf(judged, invocation)
  } finally {
    line.clear()
  }
}

/** What the harness is asked to do. */
function toHarnessOptions({ options, worker, bullmq, outbound }: Run): HarnessOptions {
  if (bullmq !== undefined) return { ...options, ...toBullmqRun(bullmq), label: bullmq }
  return { ...options, worker, outbound }
}

/** Before anything runs, too: a baseline that cannot be read is no reason to measure for minutes. */
function readAccepted({ file, update }: NonNullable<Run['baseline']>): Promise<Baseline> {
  return readBaseline(file, { mayBeAbsent: update })
}

/** Holds a report against its baseline; that which is written anew has what the report found. */
async function holdAgainst(
  report: HarnessReport,
  accepted: Baseline,
  { file, update }: NonNullable<Run['baseline']>,
): Promise<HarnessReport> {
  if (!update) return applyBaseline(report, accepted, file)
  const updated = updateBaseline(accepted, report, file)
  await writeBaseline(updated, file)
  return applyBaseline(report, updated, file)
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
