import type { Broker, Hook, HookName } from '@isobar/core'
import type { WorkerHealth } from '@isobar/core/worker'

/** What a monitor needs of a server: what `serve` answers has it, on every runtime. */
export interface MonitoredServer {
  readonly worker: {
    health(): WorkerHealth
    /** Workers like this one that its queues want. */
    desired(): number
  }
  readonly broker: Broker
  addHook<Name extends HookName>(name: Name, hook: Hook<Name>): () => void
  /** Replaces all isolates, one after the other. */
  recycle?(): void
}
