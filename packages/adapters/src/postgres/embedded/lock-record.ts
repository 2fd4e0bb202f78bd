import { type FileHandle, open } from 'node:fs/promises'
import { showsLife } from './life-sign.ts'
import { identifyProcess, isRunning, type ProcessIdentity } from './process-identity.ts'

/** The lock's file in a folder. */
export const LOCK_FILE = 'isobar.lock'

/** How long a lock file that cannot be read is given to become readable, in ms. */
export const UNREADABLE_MS = 5_000

/** Bytes of a lock file that are read: several times what one holds. */
const MAX_RECORD_BYTES = 65_536

/** What a lock file says about its holder. */
export interface LockRecord extends ProcessIdentity {
  /** 16 hex digits, unique for each lock ever taken. */
  readonly id: string
  /** When it was taken, ms since the epoch. */
  readonly startedAt: number
  /** What the holder's local API wants to be shown. */
  readonly token: string
  /** Where the holder's local API listens, once it does: `http://127.0.0.1:40123`. */
  readonly address?: string
  /** Name of the holder's life sign in the same folder, where it has one. */
  readonly lifeSign?: string
}

/** A lock file as it was found. */
export interface FoundLock {
  /** Names this very file: its record's id, or what tells it from others when it cannot be read. */
  readonly id: string
  /** Undefined when the file cannot be read: empty or cut off. */
  readonly record: LockRecord | undefined
  /** When it was last written, ms since the epoch. */
  readonly writtenAt: number
}

/**
 * What became of a holder.
 * - `alive`: it holds the lock.
 * - `gone`: it died without releasing.
 * - `unknown`: it runs, or ran, where its life cannot be seen from here.
 */
export type HolderState = 'alive' | 'gone' | 'unknown'

/** Reads a lock file; undefined when there is none. */
export async function findLock(path: string): Promise<FoundLock | undefined> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { ino, mtimeMs, size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, MAX_RECORD_BYTES))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    const record = toRecord(buffer.toString('utf8', 0, bytesRead))
    return { id: record?.id ?? `unreadable-${ino}-${mtimeMs}`, record, writtenAt: mtimeMs }
  } finally {
    await file.close()
  }
}

/**
 * What became of the holder of a lock found in `folder`.
 *
 * The same kernel and pid namespace: its pid and start time tell. The same kernel and another pid namespace (another
 * container, or this one before its restart): its life sign tells. Another host: nobody can tell. This host before its
 * last boot: it is gone. Where there is nothing to tell kernels by (off Linux, or in Deno without all permissions), the host's
 * name and the life sign have to do, or the pid. A file that cannot be read has no holder once it is 5 s old: we link files
 * that are whole, so that it is what a disk lost.
 */
export async function judgeHolder(folder: string, { record, writtenAt }: FoundLock): Promise<HolderState> {
  if (!record) return Date.now() - writtenAt > UNREADABLE_MS ? 'gone' : 'unknown'
  const own = await identifyProcess()
  if (record.boot && record.boot === own.boot) {
    if (record.pidNamespace === own.pidNamespace) return (await isRunning(record)) ? 'alive' : 'gone'
    if (record.lifeSign === undefined) return 'unknown'
    return ((await showsLife(folder, record.lifeSign)) ?? true) ? 'alive' : 'gone'
  }
  if (record.host !== own.host) return 'unknown'
  if (record.boot && own.boot) return 'gone'
  const shown = record.lifeSign === undefined ? undefined : await showsLife(folder, record.lifeSign)
  return (shown ?? (await isRunning(record))) ? 'alive' : 'gone'
}

function toRecord(text: string): LockRecord | undefined {
  let record: Partial<LockRecord>
  try {
    record = JSON.parse(text)
  } catch {
    return undefined
  }
  const readable =
    /^[0-9a-f]{16}$/.test(String(record?.id)) &&
    Number.isSafeInteger(record.pid) &&
    (record.pid as number) > 0 &&
    typeof record.host === 'string' &&
    typeof record.token === 'string' &&
    typeof record.startedAt === 'number' &&
    (record.lifeSign === undefined || record.lifeSign === lifeSignOf(String(record.id)))
  return readable ? (record as LockRecord) : undefined
}

/** The name of the life sign that belongs to a lock. */
export function lifeSignOf(id: string): string {
  return `${LOCK_FILE}.${id}.sock`
}
