import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FolderLockError, FolderLockedError } from './errors.ts'
import { type LifeSign, raiseLifeSign } from './life-sign.ts'
import {
  type FoundLock,
  findLock,
  type HolderState,
  judgeHolder,
  LOCK_FILE,
  type LockRecord,
  lifeSignOf,
  UNREADABLE_MS,
} from './lock-record.ts'
import { identifyProcess, isSameProcess } from './process-identity.ts'
import { linkNew, removeLitter, takeOver } from './take-over.ts'

/** How often a lock that somebody else holds is looked at, in ms. */
const LOOK_MS = 20

/** How long a dead holder's lock may be in the hands of another process that takes it over, in ms. */
const TAKE_OVER_MS = 10_000

/** How long a holder that serves no API is waited for by default, in ms. */
const DEFAULT_BRIEF_MS = 10_000

/** Options of `lockFolder`. */
export interface FolderLockOptions {
  /**
   * How long to wait for a process that holds the lock and serves no API, in ms: it may be the command `isobar`, which
   * has the folder for a moment only. One that serves an API stays, and is not waited for. Default 10,000.
   */
  readonly briefMs?: number
}

/** A folder that is ours until disposed, or until this process ends, however it ends. */
export interface FolderLock extends AsyncDisposable {
  /** The lock's file. */
  readonly path: string
  /** What the local API has to ask for: only those who may read the lock file know it. */
  readonly token: string
  /** Writes into the lock file where the local API listens. Fails with `FOLDER_LOCK` when the lock is no longer ours. */
  publish(address: string): Promise<void>
}

/**
 * Locks a folder for this process, which PGlite does not do for its data. The folder is made when it is not there. The
 * lock is a file with mode 0600 that says who holds it. It appears whole or not at all: it is written under another name
 * and linked, which fails where it exists.
 *
 * What becomes of it:
 * - free: no file. Linking it takes it.
 * - held: the holder lives. Others get `FOLDER_LOCKED`; disposing removes the file, if it is still the holder's.
 * - stale: the holder died, kill -9 and power cuts included. Whoever finds it takes it over at once (see `takeOver`).
 * - unknown: held by another host, or in a container of which nothing can be seen. Never taken over.
 * - unreadable: not what we write, so a disk's loss: stale when it is older than 5 s, and looked at again until then.
 *
 * @throws {FolderLockedError} when somebody else holds it, or may hold it.
 * @throws {FolderLockError} when the file system cannot do it.
 */
export async function lockFolder(folder: string, options: FolderLockOptions = {}): Promise<FolderLock> {
  const place = resolve(folder)
  const lock = new OwnLock(place, await createRecord())
  try {
    await lock.take(options.briefMs ?? DEFAULT_BRIEF_MS)
    return lock
  } catch (error) {
    // What it failed on is what there is to tell.
    await lock.withdraw().catch(() => {})
    if (error instanceof FolderLockedError || error instanceof FolderLockError) throw error
    const { message } = error as Error
    throw new FolderLockError(
      `folder ${place} could not be locked: ${message}; use a folder of this user's, on a local file system`,
      { cause: error },
    )
  }
}

async function createRecord(): Promise<LockRecord> {
  const id = randomBytes(8).toString('hex')
  return { id, ...(await identifyProcess()), startedAt: Date.now(), token: randomBytes(32).toString('hex') }
}

class OwnLock implements FolderLock {
  readonly path: string
  readonly token: string
  readonly #folder: string
  #record: LockRecord
  /** The record under another name, to be linked or moved into place. */
  readonly #draft: string
  #lifeSign: LifeSign | undefined
  #released: Promise<void> | undefined

  constructor(folder: string, record: LockRecord) {
    this.#folder = folder
    this.#record = record
    this.token = record.token
    this.path = join(folder, LOCK_FILE)
    this.#draft = `${this.path}.${record.id}.new`
  }

  async take(briefMs: number): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    // Before the lock is there for anyone to judge: a holder without a sign of life would be taken for dead.
    const lifeSign = lifeSignOf(this.#record.id)
    this.#lifeSign = await raiseLifeSign(this.#folder, lifeSign)
    if (this.#lifeSign) this.#record = { ...this.#record, lifeSign }
    await this.#write()
    const began = performance.now()
    while (!(await linkNew(this.#draft, this.path))) {
      const found = await findLock(this.path)
      const state = found && (await judgeHolder(this.#folder, found))
      if (found && state === 'gone' && (await takeOver(this.#folder, found, this.#draft))) break
      if (performance.now() - began >= this.#patience(found, state, briefMs)) throw this.#lockedBy(found, state)
      await delay(LOOK_MS)
    }
    await rm(this.#draft, { force: true })
    await removeLitter(this.#folder, this.#record.id)
  }

  async publish(address: string): Promise<void> {
    await this.#assertOurs()
    this.#record = { ...this.#record, address }
    await this.#write()
    // Nobody takes over from a live holder, so that nothing comes between the look and the move.
    await rename(this.#draft, this.path)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  async #release(): Promise<void> {
    try {
      const found = await findLock(this.path)
      if (found?.id === this.#record.id) await rm(this.path, { force: true })
    } finally {
      await this.withdraw()
    }
  }

  /** Leaves nothing of a lock that was not taken. */
  async withdraw(): Promise<void> {
    await rm(this.#draft, { force: true })
    await this.#lifeSign?.[Symbol.asyncDispose]()
  }

  async #write(): Promise<void> {
    await writeFile(this.#draft, `${JSON.stringify(this.#record, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' })
  }

  /** For how many ms a lock that was found so is looked at again. */
  #patience(found: FoundLock | undefined, state: HolderState | undefined, briefMs: number): number {
    if (state === 'alive') return found?.record?.address || this.#isOwn(found) ? 0 : briefMs
    if (state === 'unknown') return found?.record ? 0 : 2 * UNREADABLE_MS
    return TAKE_OVER_MS
  }

  #isOwn(found: FoundLock | undefined): boolean {
    return found?.record !== undefined && isSameProcess(found.record, this.#record)
  }

  #lockedBy(found: FoundLock | undefined, state: HolderState | undefined): FolderLockedError {
    return new FolderLockedError({
      folder: this.#folder,
      path: this.path,
      record: found?.record,
      state,
      own: this.#isOwn(found),
    })
  }

  async #assertOurs(): Promise<void> {
    const found = await findLock(this.path)
    if (found?.id === this.#record.id) return
    const whose = found ? `process ${found.record?.pid} holds it` : 'its file is gone'
    throw new FolderLockError(
      `the lock of folder ${this.#folder} is no longer ours (${whose}); somebody removed ${this.path}: stop this process, and let one process open the folder`,
    )
  }
}
