import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connectApi, type EngineConnection } from './api-client.ts'
import { ApiError } from './api-wire.ts'
import { FolderLockedError } from './errors.ts'
import { findLock, judgeHolder, LOCK_FILE } from './lock-record.ts'

/** How long an engine that is opening is given to serve its API by default, in ms. */
export const DEFAULT_OPENING_MS = 30_000

/** How often it is looked at, in ms. */
const LOOK_MS = 20

/** Options of `connectFolder`. */
export interface ConnectFolderOptions {
  /** How long to wait for an engine that is just being opened, in ms. Default 30,000. */
  readonly openingMs?: number
}

/**
 * Connects to the embedded engine that another process has open on a folder, to enqueue into it, to look and to operate.
 * Undefined when no process has it open: `embedded(folder)` then can.
 *
 * @example
 * const engine = await connectFolder('./data')
 * if (engine) await createProducer(engine).enqueue(sendEmail, { to: 'ann@example.org' })
 *
 * @throws {FolderLockedError} when it cannot be told from here whether the holder lives (another host).
 * @throws {ApiError} when the engine does not answer.
 */
export async function connectFolder(
  folder: string,
  { openingMs = DEFAULT_OPENING_MS }: ConnectFolderOptions = {},
): Promise<EngineConnection | undefined> {
  const place = resolve(folder)
  const path = join(place, LOCK_FILE)
  const began = performance.now()
  for (;;) {
    const found = await findLock(path)
    const state = found && (await judgeHolder(place, found))
    if (!found || state === 'gone') return undefined
    const { record } = found
    if (record && state !== 'alive') throw new FolderLockedError({ folder: place, path, record, state, own: false })
    const engine = record?.address && (await connect(record.address, record.token, path, found.id))
    if (engine) return engine
    if (performance.now() - began >= openingMs) {
      throw new ApiError(
        'API_UNREACHABLE',
        `folder ${place} is locked by ${record ? `process ${record.pid}` : 'a file that cannot be read'}, which serves no API; see what keeps it from opening the engine`,
      )
    }
    await delay(LOOK_MS)
  }
}

/** Connects; undefined when the engine cannot be reached since its process has let go of the folder. */
async function connect(
  address: string,
  token: string,
  path: string,
  id: string,
): Promise<EngineConnection | undefined> {
  try {
    return await connectApi(address, token)
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'API_UNREACHABLE')) throw error
    const found = await findLock(path)
    if (found?.id !== id) return undefined
    // A holder that was killed goes on being named by its lock: whoever looks again finds it gone.
    if ((await judgeHolder(dirname(path), found)) !== 'alive') return undefined
    throw error
  }
}
