import { parseArgs } from 'node:util'
import type { Command, OptionSpecs } from './command.ts'
import { UsageError } from './errors.ts'
import { suggest } from './nearest.ts'

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'help'; readonly command: Command | undefined; readonly group: string | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run'
      readonly command: Command
      readonly parameters: readonly string[]
      /** `''` for an option that takes no value. */
      readonly options: Readonly<Record<string, string>>
    }

/** Options of every command. */
export const COMMON_OPTIONS: OptionSpecs = {
  database: { value: 'URL', help: 'the PostgreSQL database; default DATABASE_URL' },
  folder: { value: 'PATH', help: 'the folder of an embedded engine; default ISOBAR_FOLDER' },
  redis: { value: 'URL', help: 'the Redis server of queues of BullMQ; default REDIS_URL' },
  schema: { value: 'NAME', help: 'the schema of the tables; default isobar' },
  prefix: { value: 'NAME', help: 'what keys in Redis start with; default bull' },
  json: { help: 'print one JSON document' },
  help: { help: 'print this' },
}

const VERSION = { version: { help: 'print the version' } }

/**
 * Reads a command line: which command it is, what is asked of it. Options may stand anywhere.
 * @throws {UsageError} that names what was probably meant.
 */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): CommandLine {
  // Package managers leave the mark that ends their own options.
  const tokens = toTokens(args[0] === '--' ? args.slice(1) : args, commands)
  const given = tokens.filter((token) => token.kind === 'option')
  const words = tokens.filter((token) => token.kind === 'positional').map(({ value }) => value)
  const asksHelp = given.some(({ name }) => name === 'help')
  if (words[0] === 'help') return { kind: 'help', ...find(words.slice(1), commands) }
  if (words.length === 0 && given.some(({ name }) => name === 'version')) return { kind: 'version' }
  const { command, group, length } = find(words, commands)
  if (asksHelp) return { kind: 'help', command, group }
  if (!command) throw noCommand(words, group, commands)
  const parameters = words.slice(length)
  const options = readOptions(given, command)
  checkParameters(parameters, command)
  return { kind: 'run', command, parameters, options }
}

interface OptionToken {
  readonly kind: 'option'
  readonly name: string
  readonly rawName: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

/** All commands' options, so that a value is told from a word wherever it stands. They agree on which take values. */
function toTokens(args: readonly string[], commands: readonly Command[]) {
  const all = Object.assign({}, COMMON_OPTIONS, VERSION, ...commands.map(({ options }) => options)) as OptionSpecs
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { value }]) => [name, { type: value ? 'string' : 'boolean' } as const]),
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  return tokens
}

/** The command that the first words name, or the group of commands that they begin. */
function find(words: readonly string[], commands: readonly Command[]) {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ')
    const command = commands.find((one) => one.name === name && words.length >= length)
    if (command) return { command, group: undefined, length }
  }
  const [group = ''] = words
  const isGroup = commands.some(({ name }) => name.startsWith(`${group} `))
  return { command: undefined, group: isGroup ? group : undefined, length: 0 }
}

function noCommand(words: readonly string[], group: string | undefined, commands: readonly Command[]): UsageError {
  if (words.length === 0) return new UsageError('there is no command; isobar --help tells the commands')
  const names = commands.map(({ name }) => name)
  if (group !== undefined) {
    const within = names.filter((name) => name.startsWith(`${group} `))
    if (words[1] === undefined) return new UsageError(`${group} needs one of ${within.join(', ')}`)
    const asked = `${group} ${words[1]}`
    return new UsageError(`there is no command ${asked}${suggest(asked, within)}; there are ${within.join(', ')}`)
  }
  const word = words[0] as string
  const firsts = [...new Set([...names, ...names.map((name) => name.split(' ')[0] as string)])]
  return new UsageError(`there is no command ${word}${suggest(word, firsts)}; isobar --help tells the commands`)
}

function readOptions(given: readonly OptionToken[], command: Command): Record<string, string> {
  const known: OptionSpecs = { ...command.options, ...COMMON_OPTIONS }
  const options: Record<string, string> = {}
  for (const { name, rawName, value, inlineValue } of given) {
    const spec = Object.hasOwn(known, name) ? known[name] : undefined
    if (!spec) {
      const meant = suggest(name, Object.keys(known), '--')
      throw new UsageError(`${command.name} has no option ${rawName}${meant}; see isobar ${command.name} --help`)
    }
    if (name in options) throw new UsageError(`${rawName} is given twice; give it once`)
    if (!spec.value && value !== undefined) throw new UsageError(`${rawName} takes no value; leave out "=${value}"`)
    if (spec.value && !value) throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`)
    if (value && value.length > 1 && value.startsWith('-') && !inlineValue) {
      throw new UsageError(`${rawName} is followed by ${value}; write ${rawName}=${value} if that is its value`)
    }
    options[name] = value ?? ''
  }
  return options
}

function checkParameters(parameters: readonly string[], { name, usage, parameters: { least, most } }: Command): void {
  if (parameters.length < least) throw new UsageError(`${name} needs more: isobar ${name} ${usage}`)
  if (parameters.length > most) {
    throw new UsageError(`"${parameters[most]}" is one too many: isobar ${name} ${usage}`)
  }
}
