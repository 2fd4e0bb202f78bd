import type { Work } from './work.ts'

/** Where a subject keeps its jobs, made for it alone and empty at first. */
export interface Address {
  /** Of a database or a server, or a folder's path. */
  readonly url: string
  /** A word for names and keys that is nobody else's. */
  readonly name: string
}

/** What is called for every job, as it starts. Does the job's work before it returns. */
export type Handle = (work: Work) => void

/** A queueing system that is measured: opened in a place, ready to take jobs or to work. */
export interface Queue extends AsyncDisposable {
  /** Enqueues many, by the system's own way to do that. */
  enqueue(works: readonly Work[]): Promise<void>
  /** Enqueues one, as an application would. */
  enqueueOne(work: Work): Promise<void>
  /** Starts the one worker. Disposing of the queue ends it. */
  work(handle: Handle): Promise<void>
  /** Whether no job is left that waits, runs or is not confirmed yet, as the store tells it. */
  isDrained(): Promise<boolean>
}

/** Numbers that a subject is tuned by: its own best ones, or others, for finding out what is best. */
export type Settings = Readonly<Record<string, number>>

/** Opens a system in its place, its tables and the like made where they are missing. */
export type OpenQueue = (address: Address, settings: Settings) => Promise<Queue>
