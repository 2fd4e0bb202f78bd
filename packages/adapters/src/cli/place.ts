import { resolve } from 'node:path'
import { UsageError } from './errors.ts'
import type { Io } from './io.ts'

/** Where the jobs are. */
export type Place =
  | { readonly kind: 'database'; readonly url: string; readonly schema: string | undefined }
  | { readonly kind: 'folder'; readonly path: string; readonly schema: string | undefined }
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string | undefined }

/** The kinds of places: the option that names one, and the variable that does so where no option does. */
const KINDS = [
  {
    kind: 'database',
    option: 'database',
    variable: 'DATABASE_URL',
    value: 'postgres://…',
    what: 'a PostgreSQL database',
  },
  { kind: 'folder', option: 'folder', variable: 'ISOBAR_FOLDER', value: './data', what: 'an embedded engine' },
  { kind: 'redis', option: 'redis', variable: 'REDIS_URL', value: 'redis://…', what: 'queues of BullMQ' },
] as const

/** A kind of place, with what names this one and where that was said. */
interface Named {
  readonly kind: (typeof KINDS)[number]
  readonly value: string
  readonly from: string
}

/**
 * Where the jobs are, as options say, or else the environment. A command is never guessed a place: it may be one that
 * deletes.
 * @throws {UsageError} when nothing says, or several do.
 */
export function toPlace(options: Readonly<Record<string, string | undefined>>, { env, cwd }: Io): Place {
  const { schema, prefix } = options
  const { kind, value, from } = toNamed(options, env)
  if (prefix !== undefined && kind.kind !== 'redis')
    throw new UsageError(`--prefix is of keys in Redis, and ${from} names ${kind.what}; leave it out`)
  if (schema !== undefined && kind.kind === 'redis')
    throw new UsageError(`--schema is of tables, and ${from} names ${kind.what}; leave it out`)
  switch (kind.kind) {
    case 'database':
      assertUrl(
        value,
        /^postgres(ql)?:\/\//,
        `${from} is not the URL of a PostgreSQL database, such as postgres://user@host/name`,
      )
      return { kind: 'database', url: value, schema }
    case 'folder':
      return { kind: 'folder', path: resolve(cwd, value), schema }
    case 'redis':
      assertUrl(value, /^rediss?:\/\//, `${from} is not the URL of a Redis server, such as redis://host:6379`)
      return { kind: 'redis', url: value, prefix }
  }
}

/** What options name, else the environment. */
function toNamed(options: Readonly<Record<string, string | undefined>>, env: Io['env']): Named {
  const given = KINDS.flatMap((kind) => toList(kind, options[kind.option], `--${kind.option}`))
  const set = KINDS.flatMap((kind) => toList(kind, env[kind.variable] || undefined, kind.variable))
  const [first, second] = given.length > 0 ? given : set
  if (!first) {
    const ways = KINDS.map(({ option, variable, value, what }) => `--${option} ${value} (or ${variable}) for ${what}`)
    throw new UsageError(`nothing says where the jobs are; give ${ways.join(', ')}`)
  }
  if (!second) return first
  throw new UsageError(
    given.length > 0
      ? `${first.from} and ${second.from} are both given; the jobs are in one of them`
      : `${first.from} and ${second.from} are both set; say which with --${first.kind.option} or --${second.kind.option}`,
  )
}

const toList = (kind: Named['kind'], value: string | undefined, from: string): readonly Named[] =>
  value === undefined ? [] : [{ kind, value, from }]

/** The value is not shown: it may hold a password. */
function assertUrl(value: string, pattern: RegExp, problem: string): void {
  if (!pattern.test(value)) throw new UsageError(problem)
}
