import type { Connection } from './connection.ts'
import { RedisError } from './errors.ts'
import type { BullmqSettings } from './options.ts'

/** The oldest Redis that has the commands which our scripts use. */
const LEAST_VERSION = [6, 2] as const

/**
 * Looks whether the server will do. One that may evict keys is told of: it would lose jobs in silence.
 * @throws {RedisError}
 */
export async function checkServer(connection: Connection, settings: BullmqSettings): Promise<void> {
  const action = 'open the connection'
  const info = await connection.ask(action, (client) => client.info())
  const read = (field: string): string | undefined => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const version = read('redis_version')
  if (version !== undefined && isOlder(version)) {
    throw new RedisError(
      settings.name,
      action,
      `the server is Redis ${version}, and BullMQ with isobar needs ${LEAST_VERSION.join('.')} or newer`,
    )
  }
  const policy = read('maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    settings.onNotice(
      `broker ${settings.name}: Redis evicts keys when its memory is full (maxmemory-policy is ${policy}), and jobs with them; set it to noeviction`,
    )
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least, leastMinor] = LEAST_VERSION
  return major < least || (major === least && minor < leastMinor)
}
