import { embedded, postgres } from '@isobar/adapters/postgres'
import type { Duration } from '@isobar/core'
import type { Address, Queue, Settings } from '../drain/queue.ts'
import { toQueue } from './to-queue.ts'

/** Options that both engines take. */
interface EngineOptions {
  readonly retain?: Duration
}

/** isobar on PostgreSQL. By default it deletes jobs that are done. */
export function openIsobar({ url }: Address, settings: Settings, options: EngineOptions = {}): Promise<Queue> {
  return toQueue(postgres(url, options), settings)
}

/** isobar on the embedded engine, in a folder. */
export function openEmbedded({ url }: Address, settings: Settings): Promise<Queue> {
  return toQueue(embedded(url), settings)
}
