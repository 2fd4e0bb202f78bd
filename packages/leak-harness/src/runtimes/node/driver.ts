import type { ObservedProcess, ReplayProcess, RuntimeDriver, StartOptions } from '../driver.ts'
import type { Loaded } from './commands.ts'
import { NodeProcess } from './process.ts'
import { takeSnapshot } from './take-snapshot.ts'

/**
 * Switches off what makes the engine's own memory move: compiled code, feedback and the deciding of either. Clean
 * handlers then drift by 0.00 to 0.08 bytes a job, where the JIT makes it 4 to 6. A young generation of fixed size keeps
 * RSS still, which goes up in steps of megabytes while that grows.
 */
export const EXACT_FLAGS: readonly string[] = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
  '--min-semi-space-size=4',
  '--max-semi-space-size=4',
]

/** One arena, trimmed at once, and one thread of the pool: so that RSS shows what is held, not where it once was. */
export const EXACT_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '0',
  UV_THREADPOOL_SIZE: '1',
}

/** Settling and counting a heap of gigabytes may take this long beyond the stall limit, in ms. */
const SILENT_MS = 120_000

/** A process that was torn down gets so many ms to exit by itself: what it writes then (profiles, caches) is kept. */
const EXIT_MS = 1_000

/** Node: the one that runs the harness. */
export const nodeDriver: RuntimeDriver = {
  name: 'node',
  async start(options: StartOptions): Promise<ReplayProcess> {
    const { process, version, settings } = await load(options)
    return {
      runtime: { name: 'node', version: version.replace(/^v/, '') },
      settings,
      run: (jobs, runOptions) => process.ask({ do: 'run', jobs, options: runOptions }),
      read: () => process.ask({ do: 'read' }, SILENT_MS),
      census: () => process.ask({ do: 'census' }, SILENT_MS),
      snapshot: () => takeSnapshot((file) => process.ask({ do: 'snapshot', file }, SILENT_MS)),
      identify: (serials) => process.ask({ do: 'identify', serials }, SILENT_MS),
      idle: (ms) => process.ask({ do: 'idle', ms }, ms),
      outcomes: () => process.ask({ do: 'outcomes' }),
      end: () => end(process),
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    }
  },
  async observe(options): Promise<ObservedProcess> {
    const { process, settings } = await load({ ...options, mode: 'jit' })
    return {
      settings,
      choose: (scan, limit) => process.ask({ do: 'choose', scan, limit }),
      observe: (jobs, observeOptions) => process.ask({ do: 'observe', jobs, options: observeOptions }),
      end: () => end(process),
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    }
  },
}

/** Starts a process and loads the module in it; one that cannot load it has ended by then. */
async function load(options: StartOptions): Promise<Loaded & { readonly process: NodeProcess }> {
  const exact = options.mode === 'exact'
  const process = new NodeProcess({
    ...options,
    flags: exact ? EXACT_FLAGS : [],
    environment: exact ? EXACT_ENVIRONMENT : {},
  })
  try {
    const loaded = await process.ask<Loaded>({
      do: 'load',
      module: options.module,
      trace: options.trace,
      only: options.only,
      countDistinct: !exact,
    })
    return { ...loaded, process }
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}

async function end(process: NodeProcess): Promise<string | undefined> {
  const problem = await process.ask<string | undefined>({ do: 'end' })
  await process.gone(EXIT_MS)
  return problem
}
