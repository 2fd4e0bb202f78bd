import { IsobarError, type IsobarErrorOptions } from '@isobar/core'
import type { HolderState, LockRecord } from './lock-record.ts'

/** Whose lock it was, and where. */
export interface FolderLockedDetails {
  readonly folder: string
  /** The lock's file. */
  readonly path: string
  /** Undefined for a lock file that cannot be read. */
  readonly record: LockRecord | undefined
  /** Undefined when there was a file that could not be linked over, and none that could be opened. */
  readonly state: HolderState | undefined
  /** Whether it is this process that holds it. */
  readonly own: boolean
}

/** Somebody else has the folder of an embedded engine open, or may have: only one process at a time can. */
export class FolderLockedError extends IsobarError {
  readonly folder: string
  /** The process that holds it, as it is called on its own host. */
  readonly pid: number | undefined
  /** Where the holder's local API listens, once it does. */
  readonly address: string | undefined

  constructor(details: FolderLockedDetails) {
    super('FOLDER_LOCKED', explain(details))
    this.folder = details.folder
    this.pid = details.record?.pid
    this.address = details.record?.address
  }
}

/** A folder could not be locked, or its lock was lost: not for another process's sake, but for its file system's. */
export class FolderLockError extends IsobarError {
  constructor(message: string, options?: IsobarErrorOptions) {
    super('FOLDER_LOCK', message, options)
  }
}

function explain({ folder, path, record, state, own }: FolderLockedDetails): string {
  if (state === 'gone')
    return `folder ${folder} is being taken over by a process that does not get on; stop it, or delete ${path} and what is named like it`
  if (!record) return `folder ${folder} has a lock file that cannot be read; if no process has it open, delete ${path}`
  const { pid, host, address, startedAt } = record
  const since = `since ${new Date(startedAt).toISOString()}`
  if (state !== 'alive') {
    return `folder ${folder} was locked by process ${pid} on ${host}, ${since}, and whether that lives cannot be seen from here; stop it, or delete ${path} if it is gone for certain`
  }
  if (own) return `folder ${folder} is already open in this process (${pid}); open it once and share the broker`
  const api = address ? `, API at ${address}` : ''
  return `folder ${folder} is open in process ${pid} (${since}${api}); stop it, or use the command isobar with --folder, which goes through that process`
}
