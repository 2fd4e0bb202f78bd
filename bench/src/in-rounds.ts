import { Bench, type FnReturnedObject } from 'tinybench'
import { threadMs } from './thread-clock.ts'

/** Rounds by default. */
export const DEFAULT_ROUNDS = 15

/** How long a task is measured in one round, in ms. */
export const TASK_MS = 120

/** Calls timed as one, so that the clock's steps do not matter. */
const CALLS_PER_SAMPLE = 5_000

/** What is timed: a call that is awaited before the next. */
export type Task = () => Promise<unknown>

/** What `timeInRounds` goes by. */
export interface RoundsOptions {
  /** Default 15. */
  readonly rounds?: number
  readonly signal?: AbortSignal
}

/**
 * Times tasks side by side: every round measures every task once, starting with another one each time, so that
 * whatever the machine does meanwhile meets all of them. Answers with one value a round: the mean of a call in µs of
 * this thread's CPU, its share of collections included.
 */
export async function timeInRounds<Name extends string>(
  tasks: Readonly<Record<Name, Task>>,
  { rounds = DEFAULT_ROUNDS, signal }: RoundsOptions = {},
): Promise<Record<Name, number[]>> {
  const names = Object.keys(tasks) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  // One round more: the first is the compiler's.
  for (let round = 0; round <= rounds; round++) {
    signal?.throwIfAborted()
    const bench = new Bench({ now: threadMs, time: TASK_MS, iterations: 1, warmupTime: TASK_MS / 10, throws: true })
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      bench.add(name, inBatches(tasks[name]), { async: true })
    }
    for (const { name, result } of await bench.run()) {
      if (result.state !== 'completed') throw new Error(`benchmark task "${name}" ended as ${result.state}`)
      if (round > 0) times[name as Name].push(result.latency.mean * 1_000)
    }
  }
  return times
}

function inBatches(task: Task): () => Promise<FnReturnedObject> {
  return async () => {
    const startedAt = threadMs()
    for (let call = 0; call < CALLS_PER_SAMPLE; call++) await task()
    const ms = threadMs() - startedAt
    return { overriddenDuration: ms / CALLS_PER_SAMPLE, overriddenIterationCost: ms }
  }
}
