import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { FolderLockedError } from '../src/postgres/embedded/errors.ts'
import { lockFolder } from '../src/postgres/embedded/folder-lock.ts'
import { LOCK_FILE, type LockRecord } from '../src/postgres/embedded/lock-record.ts'

const HOLDER = fileURLToPath(new URL('./fixtures/folder-holder.ts', import.meta.url))

/** What a process answers that was told to lock or to release. */
export interface LockAnswer {
  readonly locked?: boolean
  readonly released?: boolean
  readonly code?: string
  readonly pid?: number
  readonly message?: string
}

/** A process that locks a folder when it is told to. */
export interface LockProcess {
  readonly pid: number
  ask(what: 'lock' | 'release'): Promise<LockAnswer>
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** A folder of the test's own. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'isobar-lock-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts a process that locks a folder. It ends with the test. */
export async function launchLocker(folder: string, briefMs = 0): Promise<LockProcess> {
  const child = spawn(process.execPath, [HOLDER, folder, String(briefMs)], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<LockAnswer> => JSON.parse((await lines.next()).value as string)
  await next()
  return {
    pid: child.pid as number,
    ask(what) {
      child.stdin.write(`${what}\n`)
      return next()
    },
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** What the lock file of a folder says. */
export async function readLock(folder: string): Promise<LockRecord> {
  return JSON.parse(await readFile(join(folder, LOCK_FILE), 'utf8'))
}

/** Has a process lock the folder and killed with it. */
export async function leaveStaleLock(folder: string): Promise<LockRecord> {
  const holder = await launchLocker(folder)
  await holder.ask('lock')
  await holder.kill()
  return readLock(folder)
}

/** The error of locking a folder, not waiting for anybody. */
export async function refusalOf(folder: string): Promise<FolderLockedError> {
  return lockFolder(folder, { briefMs: 0 }).then(
    () => Promise.reject(new Error(`folder ${folder} was locked, and should not have been`)),
    (error) => error,
  )
}
