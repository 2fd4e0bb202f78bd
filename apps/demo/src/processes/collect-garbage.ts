import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collections in a row: what the first sets free (buffers by other threads, handles by their finalizers) goes with the next. */
const COLLECTIONS = 3

/** What is used of Bun's own interface. */
interface BunApi {
  gc(now: boolean): unknown
}

/**
 * The engine's own collector, whether or not the process was started with `--expose-gc`, so that `node src/node.ts` is
 * enough. For demonstrations and tests: it stops the process for some milliseconds.
 */
export function createCollector(): () => Promise<void> {
  const { Bun } = globalThis as { readonly Bun?: BunApi }
  const collect = Bun ? () => Bun.gc(true) : findV8Collector()
  return async () => {
    for (let round = 0; round < COLLECTIONS; round++) {
      await setImmediate()
      collect()
    }
  }
}

function findV8Collector(): () => unknown {
  setFlagsFromString('--expose-gc')
  // Code that has not run for some collections is dropped otherwise: steps of some MB that no job has to do with.
  setFlagsFromString('--no-flush-bytecode')
  return runInNewContext('gc')
}
