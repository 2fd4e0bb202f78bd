import process from 'node:process'
import { IsobarError } from '@isobar/core'
import { DemoOptionError } from '../errors.ts'
import type { Adapter } from './adapter.ts'
import { startDemo } from './demo.ts'
import { HELP, readOptions } from './options.ts'
import { describePlace } from './place.ts'
import { runPlatform } from './platform-main.ts'
import { openScreen, type Screen } from './screen.ts'
import { isAsForeseen, toSummary } from './summary.ts'

/** The exit code of a run that could not be, or in which a job came to another end than the trace meant for it. */
const EXIT_FAILED = 1

/** The exit code of a command line that cannot be understood. */
const EXIT_USAGE = 2

/** The demo as a program, on the runtime whose adapter it is given. */
export async function main(adapter: Adapter): Promise<void> {
  // Whoever reads the output may stop reading: `pnpm start | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  try {
    await run(adapter)
  } catch (error) {
    if (!(error instanceof IsobarError)) throw error
    process.stderr.write(`${toText(error)}\n`)
    process.exitCode = error instanceof DemoOptionError ? EXIT_USAGE : EXIT_FAILED
  }
}

async function run(adapter: Adapter): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    process.stdout.write(HELP)
    return
  }
  const { serve } = options
  if (serve) return runPlatform({ ...options, serve }, adapter)
  // An engine that is new takes some seconds.
  if (process.stdout.isTTY) process.stdout.write(`\nstarting ${describePlace(options.place)} …\n`)
  let screen: Screen | undefined
  const demo = await startDemo(options, {
    adapter,
    signals: true,
    onStop() {
      screen?.close()
      process.stdout.write(`\n${toSummary(demo.status(), process.stdout.columns)}`)
    },
  })
  screen = openScreen(process.stdout, demo.status, { ...options, run: demo.run })
  try {
    await demo.finished
    if (!isAsForeseen(demo.status())) process.exitCode = EXIT_FAILED
  } finally {
    await demo.stop()
  }
}

/** The message, and those of what caused it, which its end points at. */
function toText(error: Error): string {
  const { message, cause } = error
  return cause instanceof Error && message.endsWith('see cause') ? `${message}: ${toText(cause)}` : message
}
