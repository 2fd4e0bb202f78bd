import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Group } from './group.ts'

/** What the command line asks for. */
export interface Invocation {
  readonly groups: readonly Group[]
  /** Absolute path for the report, where one is wanted. */
  readonly json: string | undefined
  /** How often everything is measured, where it is said. */
  readonly rounds: number | undefined
  readonly help: boolean
}

/** A command line that cannot be understood. */
export class UsageError extends Error {
  readonly code = 'BENCH_USAGE'
  override readonly name = 'UsageError'
}

/**
 * Reads the command line: `[NAME…] [--rounds N] [--json FILE]`. A name is a group's or a target's, in any case; none means all.
 * A relative FILE is resolved against `base`.
 * @throws {UsageError} for an unknown option or name, or rounds that are no whole number of at least 1.
 */
export function parseArguments(args: readonly string[], groups: readonly Group[], base: string): Invocation {
  const { values, positionals } = parse(args)
  const chosen = new Set(positionals.flatMap((name) => find(name, groups)))
  return {
    groups: positionals.length === 0 ? groups : groups.filter((group) => chosen.has(group)),
    json: values.json === undefined ? undefined : resolve(base, values.json),
    rounds: values.rounds === undefined ? undefined : toRounds(values.rounds),
    help: values.help === true,
  }
}

/** How to use the command. */
export function toHelp(groups: readonly Group[]): string {
  const list = groups.map(({ name, targets }) => `  ${name.padEnd(12)}${targets.join(', ')}\n`)
  return `pnpm bench [NAME…] [--rounds N] [--json FILE]\n\nNames (or the number of a target; none means all):\n${list.join('')}`
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { json: { type: 'string' }, rounds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}; see --help`, { cause })
  }
}

function toRounds(text: string): number {
  const rounds = Number(text)
  if (Number.isSafeInteger(rounds) && rounds >= 1) return rounds
  throw new UsageError(`--rounds is "${text}" and must be a whole number of at least 1`)
}

function find(name: string, groups: readonly Group[]): readonly Group[] {
  const found = groups.filter(
    (group) => group.name === name.toLowerCase() || group.targets.includes(name.toUpperCase()),
  )
  if (found.length > 0) return found
  throw new UsageError(`there is no benchmark "${name}"; there are ${groups.map((group) => group.name).join(', ')}`)
}
