import type { Command, OptionSpecs } from './command.ts'
import { COMMON_OPTIONS } from './command-line.ts'

/** What `isobar --help` prints, or `isobar GROUP --help` of the commands of a group. */
export function toOverview(commands: readonly Command[], group?: string): string {
  const shown = commands.filter(({ name }) => group === undefined || name.startsWith(`${group} `))
  return `isobar: background jobs whose memory stays flat

Usage
  isobar COMMAND [options]

Commands
${toList(shown.map(({ name, summary }) => [name, summary]))}

Where
  --database URL, or DATABASE_URL    a PostgreSQL database
  --folder PATH, or ISOBAR_FOLDER    an embedded engine, in use or not
  --redis URL, or REDIS_URL          queues of BullMQ

isobar COMMAND --help tells more, isobar --version the version.
`
}

/** What `isobar COMMAND --help` prints. */
export function toHelp({ name, usage, summary, options }: Command): string {
  const own = Object.keys(options).length > 0 ? `\nOptions\n${toOptionList(options)}\n` : ''
  return `isobar ${name}: ${summary}

Usage
  isobar ${[name, usage].filter(Boolean).join(' ')}
${own}
Options of all commands
${toOptionList(COMMON_OPTIONS)}

Exit codes
  0 done, 1 failed, 2 not understood, 3 not found
`
}

function toOptionList(options: OptionSpecs): string {
  return toList(
    Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ''}`, help]),
  )
}

function toList(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}
