import { DemoOptionError } from './errors.ts'
import { startDemo } from './node/demo.ts'
import { HELP, readOptions } from './node/options.ts'
import { openScreen, type Screen } from './node/screen.ts'
import { isAsForeseen, toSummary } from './node/summary.ts'

/** The exit code of a run in which a job came to another end than the trace meant for it. */
const EXIT_UNFORESEEN = 1

/** The exit code of a command line that cannot be understood. */
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) {
    process.stdout.write(HELP)
    return
  }
  let screen: Screen | undefined
  const demo = await startDemo(options, {
    signals: true,
    onStop() {
      screen?.close()
      process.stdout.write(`\n${toSummary(demo.status(), process.stdout.columns)}`)
    },
  })
  screen = openScreen(process.stdout, demo.status, options)
  await demo.finished
  if (!isAsForeseen(demo.status())) process.exitCode = EXIT_UNFORESEEN
  await demo.stop()
}

// Whoever reads the output may stop reading: `pnpm start | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await main()
} catch (error) {
  if (!(error instanceof DemoOptionError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = EXIT_USAGE
}
