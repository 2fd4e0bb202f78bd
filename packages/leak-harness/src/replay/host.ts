import { HarnessError } from '../errors.ts'
import type { ModuleSettings, Outcomes } from './contract.ts'
import { createJobSource, type JobSource } from './job-source.ts'
import { type LoadedModule, toSettings } from './module.ts'
import { onlyType } from './only-type.ts'
import { type ReplayResult, replay } from './replay.ts'
import type { Subject } from './subject.ts'
import { Tally } from './tally.ts'
import { parseTrace } from './trace.ts'

/** A trace, read. */
export interface TraceText {
  readonly text: string
  /** Where it is from, for messages. */
  readonly file: string
}

/** Which jobs of a module are to be replayed. */
export interface HostOptions {
  readonly trace: TraceText | undefined
  /** Name of the jobs to replay; all when undefined. */
  readonly only: string | undefined
  readonly countDistinct: boolean
}

/** How a number of jobs is replayed. */
export interface HostRun {
  readonly concurrency: number
  readonly turn: () => Promise<void>
  readonly now: () => number
  readonly onJob: (jobs: number) => void
  readonly shouldStop: () => boolean
}

/** Holds the module under test and its jobs: what is the same in all runtimes. */
export interface ReplayHost {
  /** Chooses the jobs of a module and runs its set-up. */
  load(loaded: LoadedModule, options: HostOptions): Promise<ModuleSettings>
  /** Replays the next `jobs` jobs. */
  run(jobs: number, options: HostRun): Promise<ReplayResult>
  /** Jobs done so far. */
  readonly tally: Tally
  /** @throws {HarnessError} `HARNESS_PROTOCOL` before `load`. */
  readonly source: JobSource
  /** @throws {HarnessError} `HARNESS_PROTOCOL` before `load`. */
  readonly subject: Subject
  outcomes(): Outcomes
  /** Tears the module down. Answers with what went wrong in it, which changes no verdict. */
  end(): Promise<string | undefined>
}

/** A host that holds no module yet. */
export function createReplayHost(): ReplayHost {
  // Paths in reports begin behind this variable: `retaining-path.ts` knows its name.
  let module: LoadedModule | undefined
  let source: JobSource | undefined
  let tally = new Tally(false)
  const loaded = <T>(value: T | undefined): T => {
    if (value === undefined) throw new HarnessError('HARNESS_PROTOCOL', 'jobs were asked for before load')
    return value
  }
  return {
    async load(next, { trace: given, only, countDistinct }) {
      const trace = given && parseTrace(given.text, given.file, only)
      module = next
      const all = createJobSource(module, trace)
      source = only === undefined || trace ? all : onlyType(all, only)
      tally = new Tally(countDistinct)
      try {
        await module.options.setup?.()
        await module.subject.start()
      } catch (cause) {
        throw new HarnessError(
          'HARNESS_LOAD',
          `the set-up of ${module.path} failed: ${cause instanceof Error ? cause.stack : String(cause)}`,
          { cause },
        )
      }
      return toSettings(module, trace)
    },
    run: (jobs, options) =>
      replay(tally.jobs, jobs, { subject: loaded(module).subject, source: loaded(source), tally, ...options }),
    get tally() {
      return tally
    },
    get source() {
      return loaded(source)
    },
    get subject() {
      return loaded(module).subject
    },
    outcomes: () => tally.outcomes(),
    async end() {
      try {
        await module?.options.teardown?.()
        await module?.subject.end()
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
  }
}
