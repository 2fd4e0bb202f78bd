import type { Duration, Executor, Hook, HookName, Schedule } from '@isobar/core'
import type { MemoryProbe, Worker } from '@isobar/core/worker'
import type { Listeners } from './serve.ts'

/** What a server is made of: an app in this process, or one in isolates. */
export interface Opened {
  readonly executor: Executor
  readonly queues: readonly string[]
  readonly schedules: readonly Schedule[]
  readonly memory: MemoryProbe
  /** How often the queues are to be looked at, where that matters here. */
  readonly statsEvery?: Duration
  /** What is wrong when the executor is unhealthy. */
  readonly unhealthy: string
  /** Adds an observer; the function returned takes it away. */
  addHook<Name extends HookName>(name: Name, hook: Hook<Name>): () => void
  /** Adds the observers that the options name, unless they are there already; answers how to take them away. */
  listen(on: Listeners): readonly (() => void)[]
  /** Called when the worker has started. */
  begin?(worker: Worker): void
  /** Called when it is to stop. */
  stop?(): void
  recycle?(): void
}

/** Adds observers by their names. */
export function addListeners(
  on: Listeners,
  add: <Name extends HookName>(name: Name, hook: Hook<Name>) => () => void,
): (() => void)[] {
  return Object.entries(on).flatMap(([name, hook]) => (hook ? [add(name as HookName, hook as Hook<HookName>)] : []))
}
