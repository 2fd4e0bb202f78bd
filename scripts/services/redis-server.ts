import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from './free-port.ts'
import { keep, type Program } from './kept-process.ts'
import { ServiceError } from './service-error.ts'

/** A Redis server of one's own, that keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string
  readonly pid: number | undefined
  /** Which program it is. */
  readonly from: string
}

/**
 * The program of Redis: `redis-server` on the PATH, else of Debian's package where we are root, which is installed then.
 * @throws {ServiceError}
 */
export async function findRedisProgram(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  return findOnPath('redis-server', env) ?? (await installRedis())
}

/**
 * Starts a Redis server on a free port of 127.0.0.1. It ends when it is disposed, and when this process ends, kill -9 included.
 * @throws {ServiceError}
 */
export async function startRedis(env: NodeJS.ProcessEnv = process.env): Promise<RedisServer> {
  const program = await findRedisProgram(env)
  const port = await findFreePort()
  const kept = await keep({ kind: 'redis', endSignal: 'SIGTERM' })
  try {
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      kept.folder,
    ]
    const start: Program = { command: program, argv0: 'redis-server', args, ready: 'Ready to accept connections' }
    const { pid } = await kept.ask({ start })
    return {
      url: `redis://127.0.0.1:${port}`,
      pid,
      from: program,
      [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
    }
  } catch (error) {
    await kept[Symbol.asyncDispose]()
    throw error
  }
}

function findOnPath(name: string, { PATH = '' }: NodeJS.ProcessEnv): string | undefined {
  return PATH.split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * Debian's redis-tools carries the server's program, as redis-check-rdb: it does what the name it is called by says.
 * The package redis-server would also start one for the whole machine.
 */
async function installRedis(): Promise<string> {
  const remedy = 'install it (apt-get install redis-server, brew install redis) or set REDIS_URL=redis://host:6379'
  if (process.getuid?.() !== 0) throw new ServiceError('there is no redis-server on the PATH', remedy)
  const run = promisify(execFile)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 2 ** 24 }
  try {
    await run('apt-get', ['update'], options)
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-tools'], options)
  } catch (cause) {
    throw new ServiceError(
      "there is no redis-server on the PATH, and Debian's package could not be installed",
      remedy,
      { cause },
    )
  }
  return '/usr/bin/redis-check-rdb'
}
