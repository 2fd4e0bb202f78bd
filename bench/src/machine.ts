import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where and when a run was measured. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  /** In bytes. */
  readonly memory: number
  readonly platform: string
  readonly runtime: string
  /** Average load of the last minute as the run began: above 0, the machine was doing something else too. */
  readonly load: number
  /** ISO 8601. */
  readonly date: string
}

/** This machine, now. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    runtime: `node ${process.versions.node}`,
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString(),
  }
}
