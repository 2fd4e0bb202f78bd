import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { RunReport } from '../src/result.ts'
import { runFast } from '../src/vitest/fast.ts'
import { ZOO, type ZooCase } from '../src/zoo/cases.ts'
import { takeTurns } from './run-cli.ts'

/** Leaks that leave no object and no entry behind: a fast run, which weighs nothing, cannot see them. */
export const ONLY_WEIGHED: readonly string[] = ['text-log', 'vm-code', 'growing-buffer', 'open-file', 'unread-stream']

/** Leaks that a fast run can see. */
export const VISIBLE: readonly ZooCase[] = ZOO.filter(
  ({ verdict, name }) => verdict === 'leak' && !ONLY_WEIGHED.includes(name),
)

/** Handlers that no run may accuse. */
export const INNOCENTS: readonly ZooCase[] = ZOO.filter(({ verdict }) => verdict === 'flat')

/** Innocents that fill for thousands of jobs: on a slow machine a fast run would replay fewer, and take them for leaks. */
export const FILLS_SLOWLY: readonly string[] = [
  'saturating-intern',
  'lru',
  'ttl-cache',
  'lazy-tables',
  'pool',
  'sawtooth',
  'small-sawtooth',
]

/** Jobs by which they are full. */
const FULL = 10_000

/** Jobs in which a leak has to be found: a run of more costs more and is easier to judge. */
const FOUND_IN = 1_000

/** At once: a leak that was found idles for most of its time. */
const inTurn = takeTurns(5)

const stop = new AbortController()
afterAll(() => stop.abort())

/** Judges a case of the zoo in the fast form, when its turn has come. */
export async function judgeFast({ name, verdict, every = 1 }: ZooCase): Promise<RunReport> {
  const module = fileURLToPath(new URL(`../src/zoo/handlers/${name}.ts`, import.meta.url))
  const env = { ZOO_EVERY: String(Math.min(every, 20)), ZOO_SEED: '1' }
  const jobs = verdict === 'leak' ? FOUND_IN : undefined
  const { runs, failed } = await inTurn(() =>
    runFast({ module, env, jobs, signal: stop.signal }, FILLS_SLOWLY.includes(name) ? FULL : undefined),
  )
  if (runs[0]) return runs[0]
  throw new Error(failed[0]?.error)
}
