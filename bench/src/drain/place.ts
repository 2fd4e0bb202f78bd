import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Address } from './queue.ts'

/** What a subject keeps its jobs in. */
export type PlaceKind = 'postgres' | 'redis' | 'folder'

/** An address, and whatever is behind it goes when it is disposed of. */
export interface Place extends AsyncDisposable {
  readonly address: Address
  /**
   * Brings a planner's statistics up to date with what was filled in. Autovacuum does so within a minute or so of its own
   * accord, in the middle of one round or another.
   */
  gatherStatistics(): Promise<void>
}

/** A service that a benchmark needs does not answer. */
export class ServiceMissingError extends Error {
  readonly code = 'BENCH_SERVICE'
  override readonly name = 'ServiceMissingError'
}

const DEFAULT_DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/postgres'
const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379'

const PLACES: Readonly<Record<PlaceKind, (name: string) => Promise<Place>>> = {
  postgres: openDatabase,
  redis: openPrefix,
  folder: openFolder,
}

/**
 * A place of its own for one subject in one round: a database, a prefix of keys, a folder.
 * @throws {ServiceMissingError} when the service does not answer at `DATABASE_URL` or `REDIS_URL`, or where they are by default.
 */
export function openPlace(kind: PlaceKind): Promise<Place> {
  return PLACES[kind](`isobar_bench_${randomBytes(6).toString('hex')}`)
}

async function openDatabase(name: string): Promise<Place> {
  const base = process.env['DATABASE_URL'] ?? DEFAULT_DATABASE_URL
  const run = async (statement: string, connectionString = base): Promise<void> => {
    const client = new pg.Client({ connectionString })
    try {
      await client.connect()
    } catch (cause) {
      throw new ServiceMissingError(
        `PostgreSQL does not answer at ${toPublic(base)}; set DATABASE_URL, or start one: ` +
          'docker run --rm -d -p 5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres',
        { cause },
      )
    }
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }
  await run(`create database ${name}`)
  const url = new URL(base)
  url.pathname = `/${name}`
  return {
    address: { url: url.href, name },
    gatherStatistics: () => run('analyze', url.href),
    // By force: a child that was killed may still be connected. Also ends with a checkpoint, so that the next subject
    // does not pay for what this one wrote.
    [Symbol.asyncDispose]: () => run(`drop database if exists ${name} with (force)`),
  }
}

async function openPrefix(name: string): Promise<Place> {
  const url = process.env['REDIS_URL'] ?? DEFAULT_REDIS_URL
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null })
  // What goes wrong is told by the call that it fails.
  redis.on('error', () => {})
  try {
    await redis.connect()
  } catch (cause) {
    throw new ServiceMissingError(
      `Redis does not answer at ${toPublic(url)}; set REDIS_URL, or start one: redis-server --port 6379`,
      { cause },
    )
  }
  return {
    address: { url, name },
    async gatherStatistics() {},
    async [Symbol.asyncDispose]() {
      for await (const keys of redis.scanStream({ match: `${name}:*`, count: 1_000 })) {
        if (keys.length > 0) await redis.unlink(keys)
      }
      await redis.quit()
    },
  }
}

async function openFolder(name: string): Promise<Place> {
  const url = await mkdtemp(join(tmpdir(), `${name}-`))
  return {
    address: { url, name },
    async gatherStatistics() {},
    [Symbol.asyncDispose]: () => rm(url, { recursive: true, force: true }),
  }
}

/** Without its password. */
function toPublic(address: string): string {
  const url = new URL(address)
  url.password = ''
  return url.href
}
