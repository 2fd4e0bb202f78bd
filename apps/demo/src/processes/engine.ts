import type { Broker, Duration } from '@isobar/core'
import { openEmbedded } from './engines/embedded.ts'
import { openMemory } from './engines/memory.ts'
import { openPostgres } from './engines/postgres.ts'
import type { Tables } from './providers.ts'
import { RETAIN } from './retain.ts'
import type { Run, WantedRun } from './run.ts'

/** Where the demo keeps its jobs and the platform's tables. */
export type Place =
  | { readonly kind: 'embedded'; readonly folder: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'memory' }

/** What holds the jobs, and the platform's tables beside them. */
export interface Engine {
  readonly broker: Broker
  /** Absent: in memory. */
  readonly tables?: Tables
  /** How many dead letters stay with the broker; later ones are discarded. */
  readonly keepDead: number
  openRun(wanted: WantedRun): Promise<Run>
  /** Ends the broker and what is open besides. Can be called twice. */
  close(): Promise<void>
}

/**
 * Opens an engine, for this process alone. Durable ones keep finished jobs for `retain`. `onNotice` is told what somebody should know and nothing fails of.
 * @throws {IsobarError} when another process has it, or it is not to be had.
 */
export async function openEngine(
  place: Place,
  onNotice: (message: string) => void = () => {},
  retain: Duration = RETAIN,
): Promise<Engine> {
  switch (place.kind) {
    case 'embedded':
      return openEmbedded(place.folder, onNotice, retain)
    case 'postgres':
      return openPostgres(place.url, onNotice, retain)
    case 'memory':
      return openMemory()
  }
}

/** Where a run is, in words, without what is secret about the place. */
export function describePlace(place: Place): string {
  switch (place.kind) {
    case 'embedded':
      return `on the embedded engine, folder ${place.folder}`
    case 'postgres':
      return `on PostgreSQL, ${toAddress(place.url)}`
    case 'memory':
      return 'in memory: nothing outlives this process'
  }
}

/** Host and database: a URL may hold a password. */
function toAddress(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `${host}${pathname}`
  } catch {
    return 'as its URL says'
  }
}
