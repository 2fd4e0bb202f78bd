import type { Snapshot } from '../heap/snapshot.ts'
import type { Loaded } from './child/commands.ts'
import { RuntimeProcess, type RuntimeProcessOptions } from './child-process.ts'
import { type DebugRequest, EXCHANGE } from './debug.ts'
import type { EngineMode, ObservedProcess, ReplayProcess, RuntimeDriver, StartOptions } from './driver.ts'
import { takeSnapshot } from './take-snapshot.ts'

/** Settling and counting a heap of gigabytes may take this long beyond the stall limit, in ms. */
const SILENT_MS = 120_000

/** A process that was torn down gets so many ms to exit by itself: what it writes then (profiles, caches) is kept. */
const EXIT_MS = 1_000

/** One arena, trimmed at once, and one thread of the pool: so that RSS shows what is held, not where it once was. */
export const EXACT_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '0',
  UV_THREADPOOL_SIZE: '1',
}

/** A runtime whose processes run `child.ts`, and how they are started. */
export interface ProcessRuntime extends Pick<ReplayProcess, 'reads'> {
  readonly name: string
  /** @throws {HarnessError} `HARNESS_NOT_AVAILABLE` when the runtime is absent. */
  launch(
    mode: EngineMode,
    options: StartOptions,
  ): Pick<RuntimeProcessOptions, 'file' | 'flags' | 'environment' | 'channel'>
  /** Opens what asks the debugger of a process, where the process cannot do so itself. */
  readonly openDebugger?: (process: RuntimeProcess) => Promise<RemoteDebugger>
  /** Reads a snapshot from its file, where that is not in V8's format. */
  readonly readSnapshot?: (file: string) => Promise<Snapshot>
}

/** Asks the debugger of another process. */
export interface RemoteDebugger extends Disposable {
  /** Does what is asked, with what is handed over in the process. */
  request(request: DebugRequest): Promise<unknown>
  evaluate(expression: string): Promise<unknown>
}

/** The driver of a runtime whose processes run `child.ts`. */
export function createProcessDriver(runtime: ProcessRuntime): RuntimeDriver {
  const { name, reads } = runtime
  return {
    name,
    async start(options: StartOptions): Promise<ReplayProcess> {
      const { process, version, settings, end, dispose } = await load(runtime, options)
      return {
        runtime: { name, version },
        settings,
        reads,
        run: (jobs, runOptions) => process.ask({ do: 'run', jobs, options: runOptions }),
        read: () => process.ask({ do: 'read' }, SILENT_MS),
        census: () => process.ask({ do: 'census' }, SILENT_MS),
        snapshot: () => takeSnapshot((file) => process.ask({ do: 'snapshot', file }, SILENT_MS), runtime.readSnapshot),
        identify: (serials) => process.ask({ do: 'identify', serials }, SILENT_MS),
        idle: (ms) => process.ask({ do: 'idle', ms }, ms),
        outcomes: () => process.ask({ do: 'outcomes' }),
        end,
        [Symbol.asyncDispose]: dispose,
      }
    },
    async observe(options): Promise<ObservedProcess> {
      const { process, settings, end, dispose } = await load(runtime, { ...options, mode: 'jit' })
      return {
        settings,
        choose: (scan, limit) => process.ask({ do: 'choose', scan, limit }),
        observe: (jobs, observeOptions) => process.ask({ do: 'observe', jobs, options: observeOptions }),
        end,
        [Symbol.asyncDispose]: dispose,
      }
    },
  }
}

interface LoadedProcess extends Loaded {
  readonly process: RuntimeProcess
  readonly end: () => Promise<string | undefined>
  readonly dispose: () => Promise<void>
}

/** Starts a process and loads the module in it; one that cannot load it has ended by then. */
async function load(runtime: ProcessRuntime, options: StartOptions): Promise<LoadedProcess> {
  let opened: Promise<RemoteDebugger> | undefined
  const process = new RuntimeProcess({
    ...options,
    ...runtime.launch(options.mode, options),
    debug: async (asked, request) => {
      // It stays open once it was: when a session ends, the engine forgets the ids of objects, by which snapshots tell
      // old from new.
      opened ??= runtime.openDebugger?.(asked)
      const session = await opened
      const answer = await session?.request(request)
      await session?.evaluate(`${EXCHANGE}.answer(${JSON.stringify(answer)})`)
    },
  })
  const dispose = async (): Promise<void> => {
    await process[Symbol.asyncDispose]()
    // A debugger that could not be reached is none to be closed.
    await opened?.then((session) => session[Symbol.dispose]()).catch(() => {})
  }
  const end = async (): Promise<string | undefined> => {
    const problem = await process.ask<string | undefined>({ do: 'end' })
    await process.gone(EXIT_MS)
    return problem
  }
  try {
    const loaded = await process.ask<Loaded>({
      do: 'load',
      module: options.module,
      trace: options.trace,
      only: options.only,
      countDistinct: options.mode === 'jit',
    })
    return { ...loaded, process, end, dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}
