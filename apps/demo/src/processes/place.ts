import { DemoOptionError } from '../errors.ts'

/** Where the demo keeps its jobs and the platform's tables. */
export type Place =
  | { readonly kind: 'embedded'; readonly folder: string }
  /** In the schemas `schema` and `${schema}_mail`. */
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string }
  /** Jobs on BullMQ in Redis, the platform's tables elsewhere. */
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string; readonly records: OwnPlace }
  | { readonly kind: 'memory' }

/** A place that has jobs and tables. */
export type OwnPlace = Exclude<Place, { kind: 'redis' }>

/** What is done at a place: each has one of its own by default, as neither goes on with what the other has left. */
export type Purpose = 'demo' | 'ledger'

/** What a command line says of the place. */
export interface PlaceFlags {
  readonly folder?: string | undefined
  readonly database?: string | undefined
  readonly redis?: string | undefined
  readonly memory?: boolean | undefined
}

/** What is asked of the environment. */
export interface Environment {
  readonly DATABASE_URL?: string | undefined
  readonly REDIS_URL?: string | undefined
}

/**
 * The place that is named: by flags, or else by the environment, or else the embedded engine in the current directory.
 * @throws {DemoOptionError} when it cannot be known which one is meant.
 */
export function toPlace(flags: PlaceFlags, env: Environment, purpose: Purpose): Place {
  const { folder, database, redis, memory } = flags
  if ([folder !== undefined, database !== undefined, memory].filter(Boolean).length > 1)
    throw new DemoOptionError('--folder, --database and --memory are three places; name one')
  for (const [flag, value] of Object.entries({ folder, database, redis }))
    if (value === '') throw new DemoOptionError(`--${flag} needs a value`)
  // A place that is named is all of it: what the environment has of Redis is for when none is.
  const isNamed = folder !== undefined || database !== undefined || memory
  const url = redis ?? (isNamed ? undefined : env.REDIS_URL)
  if (!url) return toOwnPlace(flags, env, purpose)
  return { kind: 'redis', url, prefix: `isobar-${purpose}`, records: toOwnPlace(flags, env, `${purpose}-redis`) }
}

function toOwnPlace({ folder, database, memory }: PlaceFlags, env: Environment, name: string): OwnPlace {
  if (memory) return { kind: 'memory' }
  if (folder !== undefined) return { kind: 'embedded', folder }
  const url = database ?? env.DATABASE_URL
  return url ? toPostgres(url, name) : { kind: 'embedded', folder: `.isobar/${name}` }
}

/** On a PostgreSQL server, in schemas of its own. */
export function toPostgres(url: string, name: string): OwnPlace {
  return { kind: 'postgres', url, schema: `isobar_${name.replaceAll('-', '_')}` }
}

/** Whether what is there outlives the process. */
export function isKept(place: Place): boolean {
  return (place.kind === 'redis' ? place.records : place).kind !== 'memory'
}

/** A place in words, without what is secret about it. */
export function describePlace(place: Place): string {
  switch (place.kind) {
    case 'embedded':
      return `on the embedded engine, folder ${place.folder}`
    case 'postgres':
      return `on PostgreSQL, ${toAddress(place.url)}, schema ${place.schema}`
    case 'redis':
      return `on BullMQ, Redis ${toAddress(place.url)}, prefix ${place.prefix}; tables ${describePlace(place.records)}`
    case 'memory':
      return 'in memory: nothing outlives this process'
  }
}

/** Host and database: a URL may hold a password. */
function toAddress(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `${host}${pathname}`
  } catch {
    return 'as its URL says'
  }
}
