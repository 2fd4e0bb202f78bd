import { link, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { showsLife } from './life-sign.ts'
import { type FoundLock, findLock, judgeHolder, LOCK_FILE } from './lock-record.ts'

/** Age in ms below which a life sign that nobody listens on may be one that is just being raised. */
const YOUNG_MS = 60_000

/** Dead claims on one lock, each left by a process that died in the moment of taking it over. */
const MAX_CLAIMS = 100

/** Puts a file in place under a second name, whole and only where there is none of that name. False where there is. */
export async function linkNew(file: string, place: string): Promise<boolean> {
  try {
    await link(file, place)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Puts `draft` in the place of a stale lock, unless another process does: of many that found it, exactly one.
 *
 * Who wants to must first own the *claim* on that lock: a file named after the lock's id, linked like a lock. A lock's id
 * never comes again, so that a claim is worth something only while that lock is still in place, which its owner checks
 * once it has it. If it is, nobody else can replace it: they would need the claim, and the dead holder does nothing. The
 * claim's file is then moved onto the lock's: replacing the lock and giving up the claim are one step.
 *
 * An owner that dies with its claim leaves it stale, and a claim on that claim does for it what a claim does for a lock.
 * Claims of a lock are removed only after the lock is, so that whoever makes one anew finds that it is worth nothing.
 */
export async function takeOver(folder: string, stale: FoundLock, draft: string): Promise<boolean> {
  const path = join(folder, LOCK_FILE)
  const claim = await claimFrom(folder, stale, draft)
  if (claim === undefined) return false
  const found = await findLock(path)
  if (found?.id !== stale.id) {
    await rm(claim, { force: true })
    return false
  }
  await rename(claim, path)
  if (stale.record?.lifeSign) await rm(join(folder, stale.record.lifeSign), { force: true })
  return true
}

/** Makes the claim on a stale lock, or on the stale claim of it; undefined when a live process has it. */
async function claimFrom(folder: string, stale: FoundLock, draft: string): Promise<string | undefined> {
  let last = stale
  for (let claims = 0; claims < MAX_CLAIMS; claims++) {
    const claim = join(folder, `${LOCK_FILE}.${last.id}.claim`)
    if (await linkNew(draft, claim)) return claim
    const found = await findLock(claim)
    if (!found || (await judgeHolder(folder, found)) !== 'gone') return undefined
    last = found
  }
  return undefined
}

/**
 * Removes what processes that died left beside the lock. Only for the lock's holder: what it removes is then of locks
 * that are no longer in place, or of processes that are gone.
 */
export async function removeLitter(folder: string, ownId: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, id, kind] = /^isobar\.lock\.(.+)\.(new|claim|sock)$/.exec(name) ?? []
    if (id === undefined || id === ownId) continue
    const path = join(folder, name)
    const dead = kind === 'sock' ? await isDeadSign(folder, name) : await isLeft(folder, path)
    if (dead) await rm(path, { force: true })
  }
}

async function isLeft(folder: string, path: string): Promise<boolean> {
  const found = await findLock(path)
  return found !== undefined && (await judgeHolder(folder, found)) === 'gone'
}

async function isDeadSign(folder: string, name: string): Promise<boolean> {
  const young = await stat(join(folder, name)).then(
    ({ mtimeMs }) => Date.now() - mtimeMs < YOUNG_MS,
    () => true,
  )
  return !young && !(await showsLife(folder, name))
}
