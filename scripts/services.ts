import { DEFAULT_POSTGRES_URL, whyNotPostgres } from './services/find-postgres.ts'
import { DEFAULT_REDIS_URL, whyNotRedis } from './services/find-redis.ts'
import { startServer } from './services/postgres-server.ts'
import { startRedis } from './services/redis-server.ts'
import { ServiceError } from './services/service-error.ts'

/** A service that tests and benchmarks may need. */
export type ServiceName = 'postgres' | 'redis'

/** Services, found or started when first asked for. Disposing ends those that were started. */
export interface Services extends AsyncDisposable {
  /**
   * The service's URL. The first call may start it; later calls answer the same.
   * @throws {ServiceError} when it cannot be had, with the command that would mend it.
   */
  url(name: ServiceName): Promise<string>
}

/** Options of `openServices`. */
export interface ServicesOptions {
  /**
   * `DATABASE_URL` and `REDIS_URL` name servers; with `ISOBAR_SERVICES=own` the usual ports are not looked at. Default:
   * the process's.
   */
  readonly env?: NodeJS.ProcessEnv
  /** Is told in one line what was started. Default: the console. */
  readonly say?: (line: string) => void
}

/** How a kind of service is had. */
interface Kind {
  readonly title: string
  readonly variable: string
  readonly usual: string
  readonly whyNot: (url: string) => Promise<unknown>
  readonly start: (env: NodeJS.ProcessEnv) => Promise<Started>
}

interface Started extends AsyncDisposable {
  readonly url: string
  readonly pid: number | undefined
  readonly from?: string
}

const KINDS: Readonly<Record<ServiceName, Kind>> = {
  postgres: {
    title: 'PostgreSQL',
    variable: 'DATABASE_URL',
    usual: DEFAULT_POSTGRES_URL,
    whyNot: whyNotPostgres,
    start: startServer,
  },
  redis: {
    title: 'Redis',
    variable: 'REDIS_URL',
    usual: DEFAULT_REDIS_URL,
    whyNot: whyNotRedis,
    start: startRedis,
  },
}

/**
 * Services for tests and benchmarks: what the environment names, else what answers at the usual port of this machine,
 * else one that is started here and ends with this process.
 */
export function openServices({ env = process.env, say = console.log }: ServicesOptions = {}): Services {
  const urls = new Map<ServiceName, Promise<string>>()
  const started: AsyncDisposable[] = []
  const open = async (name: ServiceName): Promise<string> => {
    const { title, variable, usual, whyNot, start } = KINDS[name]
    const named = env[variable]
    if (named) {
      const cause = await whyNot(named)
      if (cause === undefined) return named
      const problem = `${variable} is set, and no ${title} lets us in there (${cause instanceof Error ? cause.message : cause})`
      throw new ServiceError(problem, `start it, or unset ${variable} to have one started`, { cause })
    }
    const own = env['ISOBAR_SERVICES'] === 'own'
    if (!own && (await whyNot(usual)) === undefined) return usual
    const server = await start(env)
    started.push(server)
    const why = own
      ? 'ISOBAR_SERVICES is own'
      : `nothing lets us in at ${new URL(usual).host} and ${variable} is not set`
    say(`${title} started at ${new URL(server.url).host} (process ${server.pid}): ${why}`)
    return server.url
  }
  return {
    url(name) {
      const url = urls.get(name) ?? open(name)
      urls.set(name, url)
      return url
    },
    async [Symbol.asyncDispose]() {
      // One that is about to start must not start unseen.
      await Promise.allSettled(urls.values())
      for (const server of started.splice(0)) await server[Symbol.asyncDispose]()
    },
  }
}
