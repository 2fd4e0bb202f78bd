import { type SuiteName, suitesOf } from '../src/suites.ts'
import type { MatrixName } from './runtimes.ts'
import { testSuites } from './test-suites.ts'

/** Not Node 24, on which everything else in this repository runs, and of its neighbours the oldest that is supported. */
const RUNTIMES: readonly MatrixName[] = ['node22', 'deno', 'bun']

/** What takes seconds: the rest is in matrix.long.test.ts. */
const SUITES: readonly SuiteName[] = [
  'broker-memory',
  'broker-postgres',
  'broker-bullmq',
  'executor-in-process',
  'worker-memory',
  'worker-postgres',
  'worker-bullmq',
  'http',
  'permissions',
]

testSuites(RUNTIMES, (runtime) => SUITES.filter((suite) => suitesOf(runtime).includes(suite)))
