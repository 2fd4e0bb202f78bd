import { inspect } from 'node:util'
import type { Command, Result } from './command.ts'
import { parseCommandLine } from './command-line.ts'
import { COMMANDS } from './commands.ts'
import { exitCodeOf, toLine } from './errors.ts'
import { EXIT } from './exit.ts'
import { toHelp, toOverview } from './help.ts'
import type { Io } from './io.ts'
import { toPlace } from './place.ts'
import { printable } from './printable.ts'
import { VERSION } from './version.ts'

/**
 * Runs one command line. Results go to standard output, everything else to standard error. Answers the exit code, or
 * undefined when the command goes on. Never rejects.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number | undefined> {
  try {
    const line = parseCommandLine(args, COMMANDS)
    if (line.kind === 'version') io.out(`${VERSION}\n`)
    if (line.kind === 'help') io.out(line.command ? toHelp(line.command) : toOverview(COMMANDS, line.group))
    if (line.kind !== 'run') return EXIT.ok
    const { command, parameters, options } = line
    const result = await run(command, parameters, options, io)
    if (!result) return undefined
    io.out('json' in options ? `${JSON.stringify(result.json, toJsonValue, 2)}\n` : result.text)
    if (result.note) io.tell(`isobar: ${printable(result.note)}`)
    return result.code ?? EXIT.ok
  } catch (error) {
    io.tell(printable(toLine(error)))
    if (io.env['ISOBAR_DEBUG']) io.tell(inspect(error))
    return exitCodeOf(error)
  }
}

function run(
  command: Command,
  parameters: readonly string[],
  options: Readonly<Record<string, string>>,
  io: Io,
): Promise<Result | undefined> {
  return command.run({
    parameters,
    options,
    io,
    async use(work) {
      const place = toPlace(options, io)
      const { openEngine } = await import('./open-engine.ts')
      const engine = await openEngine(place)
      try {
        return await work(engine)
      } finally {
        await engine[Symbol.asyncDispose]()
      }
    },
    async migrate() {
      const place = toPlace(options, io)
      const { migrateEngine } = await import('./open-engine.ts')
      return migrateEngine(place)
    },
    async createBroker(settings) {
      const place = toPlace(options, io)
      const { openBroker } = await import('./open-engine.ts')
      return openBroker(place, settings)
    },
  })
}

/** Bytes, as of a payload that could not be read, are base64 in JSON. */
function toJsonValue(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
