import type { BleedJob, ChosenJobs, Observation } from '../bleed/observation.ts'
import type { EntryCensus } from '../heap/entry-census.ts'
import type { Snapshot } from '../heap/snapshot.ts'
import type { Budget, ModuleSettings, Outcomes } from '../replay/contract.ts'
import type { ReplayResult } from '../replay/replay.ts'

/**
 * How the engine is set.
 * - `exact`: its own noise switched off (no JIT), so that bytes a job can be read to a fraction of one.
 * - `jit`: as in production, for what is counted and not weighed.
 */
export type EngineMode = 'exact' | 'jit'

/** A Cloudflare Worker as it stands. */
export interface WorkerUnderTest {
  /** Absolute path of its configuration, such as `wrangler.jsonc`. */
  readonly config: string
  /** Name of the queue whose messages are replayed; the only one that the Worker consumes when undefined. */
  readonly queue?: string | undefined
  /** Messages of a batch. Default: `max_batch_size` of the queue's consumer, else 10. */
  readonly batch?: number | undefined
}

/** What a process under test is started with. */
export interface StartOptions {
  /** Absolute path of the module. */
  readonly module: string
  readonly mode: EngineMode
  /** Absolute path of a JSONL trace. */
  readonly trace: string | undefined
  /** Name of the jobs to replay; all when undefined. */
  readonly only: string | undefined
  /** Modules for the runtime to load first (`--import`). */
  readonly imports: readonly string[]
  /** Working directory of the process. */
  readonly cwd: string
  /** Environment variables on top of this process' own. */
  readonly env: Readonly<Record<string, string>>
  /** Whether jobs may reach the network, where the runtime can tell; its default when undefined. */
  readonly outbound?: 'block' | 'allow' | undefined
  /** A Cloudflare Worker as it stands, in place of a module. */
  readonly worker?: WorkerUnderTest | undefined
  /** No job finishing for so many ms ends the process. */
  readonly stallMs: number
  /** Called every so often while jobs run, with the jobs done so far. */
  readonly onProgress: (jobs: number) => void
  /** Ends the process. */
  readonly signal: AbortSignal
}

/** Figures of a process once nothing more can be collected. */
export interface Reading {
  /** Jobs done by then. */
  readonly job: number
  /** Used JavaScript heap, bytes. */
  readonly heap: number
  /** Compiled code, a part of the heap, bytes; 0 where the engine does not tell. */
  readonly code: number
  /** Memory outside the heap that the engine knows of, bytes. */
  readonly external: number
  /** Anonymous resident memory where the system tells it, else all resident memory, bytes. */
  readonly rss: number
  /** Open descriptors; 0 where the system does not tell. */
  readonly descriptors: number
  /** Active resources that keep the process alive. */
  readonly resources: number
  /** Listeners on the process. */
  readonly listeners: number
  /** For how long it was ready to run and had no processor, since its start, in ms; 0 where the system does not tell. */
  readonly waited: number
}

/** What a snapshot does not say itself. */
export interface Identities {
  /** Address of each script, by its number. */
  readonly scripts: Readonly<Record<number, string>>
  /** The snapshot's id of each container that was asked for and still lives, by its serial number. */
  readonly containers: Readonly<Record<number, number>>
}

/** How to replay a number of jobs. */
export interface RunOptions {
  readonly concurrency: number
  /** Stop early once heap and external memory have grown by so many bytes in this run, collected. */
  readonly maxGrowth: number
}

/**
 * A process of a runtime that has loaded the module and replays its jobs on command, one command at a time.
 * Whatever ends it in between (a crash, an exit, a stall, the signal) rejects the command with a `HarnessError`.
 */
export interface ReplayProcess extends AsyncDisposable {
  readonly runtime: { readonly name: string; readonly version: string }
  readonly settings: ModuleSettings
  /** What is to be said in the report of how it was run. */
  readonly notes?: readonly string[]
  /** What is read closely enough here to be judged. */
  readonly reads: readonly (keyof Budget)[]
  /** Replays the next `jobs` jobs. */
  run(jobs: number, options: RunOptions): Promise<ReplayResult>
  /** Settles, then reads the figures. */
  read(): Promise<Reading>
  /** Settles, then counts the entries of all containers. */
  census(): Promise<EntryCensus>
  /** Settles, then takes a heap snapshot. */
  snapshot(): Promise<Snapshot>
  /** Says what the latest snapshot does not: where its scripts are from, and which of its nodes these containers are. */
  identify(serials: readonly number[]): Promise<Identities>
  /** Lets the event loop run with no job for so many ms. */
  idle(ms: number): Promise<void>
  outcomes(): Promise<Outcomes>
  /** Tears the module down and ends the process. Answers with what went wrong in doing so. */
  end(): Promise<string | undefined>
}

/** How to do jobs for the bleed check. */
export interface ObserveOptions {
  /** The rest is left out once so many ms have passed. */
  readonly maxMs: number
  /** Whether the clock jumps ahead at each look. */
  readonly clockJumps: boolean
}

/** A process of a runtime that has loaded the module and does single jobs of it, for the bleed check. */
export interface ObservedProcess extends AsyncDisposable {
  readonly settings: ModuleSettings
  /** Makes the first `scan` jobs and chooses at most `limit` of them. To be called once, before `observe`. */
  choose(scan: number, limit: number): Promise<ChosenJobs>
  /** Does the jobs one by one. */
  observe(jobs: readonly BleedJob[], options: ObserveOptions): Promise<readonly Observation[]>
  /** Tears the module down and ends the process. */
  end(): Promise<unknown>
}

/** Starts processes of one runtime. */
export interface RuntimeDriver {
  readonly name: string
  /**
   * Starts a process and loads the module in it.
   * @throws {HarnessError} when the runtime is absent, or the module cannot be loaded.
   */
  start(options: StartOptions): Promise<ReplayProcess>
  /** The same, for the bleed check. */
  observe(options: Omit<StartOptions, 'mode'>): Promise<ObservedProcess>
}
