import type { Broker, Duration, JobSpec } from '@isobar/core'
import { openEmbedded } from './engines/embedded.ts'
import { openMemory } from './engines/memory.ts'
import { openPostgres } from './engines/postgres.ts'
import { openRedis } from './engines/redis.ts'
import type { Place } from './place.ts'
import type { Tables } from './providers.ts'
import { RETAIN } from './retain.ts'
import type { Run, WantedRun } from './run.ts'

/** Sends jobs to a broker. */
export type Send = (specs: readonly JobSpec[]) => Promise<unknown>

/** What holds the jobs, and the platform's tables beside them. */
export interface Engine {
  readonly broker: Broker
  /** Absent: in memory. */
  readonly tables?: Tables
  /** How many dead letters stay with the broker; later ones are discarded. */
  readonly keepDead: number
  /** `send` sends the run's jobs to another broker than this one. */
  openRun(wanted: WantedRun, send?: Send): Promise<Run>
  /** Ends the broker and what is open besides. Can be called twice. */
  close(): Promise<void>
}

/**
 * Opens an engine, for this process alone. Durable ones keep finished jobs for `retain`. `onNotice` is told what somebody
 * should know and nothing fails of.
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
      return openPostgres(place, onNotice, retain)
    case 'redis':
      return openRedis(place, () => openEngine(place.records, onNotice, retain), onNotice)
    case 'memory':
      return openMemory()
  }
}
