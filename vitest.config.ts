import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

const LONG = '**/*.long.test.ts'

/** Finds or starts the services that a test asks for. */
const SERVICES = 'scripts/services/global-setup.ts'

/**
 * Where Node keeps what it has compiled, so that the hundreds of processes that tests start do not each strip the types
 * of the same sources. Not in the long tests, whose figures are those of a user.
 */
const COMPILE_CACHE = join(tmpdir(), 'isobar-test-compile-cache')

/**
 * Tests of functions and objects, which start no process, ask for no service and leave nothing behind that others see:
 * they share the processes they run in, as to start one and load vitest in it costs more than most of them do. Not
 * those that hold a broker to the clock.
 */
const PURE = [
  'packages/core/src/*.test.ts',
  'packages/core/src/!(memory|testing)/**/*.test.ts',
  'packages/leak-harness/src/**/*.test.ts',
  'apps/demo/src/plugins/*.test.ts',
]

const IGNORED = [LONG, '**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
    // One more than there are processors: much of a test is waiting, for a server, a lease, a process.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: SERVICES,
          include: ['{packages,apps}/*/{src,test}/**/*.test.ts', '{bench,conformance,scripts,docs}/**/*.test.ts'],
          exclude: [...IGNORED, ...PURE],
          testTimeout: 30_000,
          pool: 'forks',
          env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
        },
      },
      {
        test: {
          name: 'pure',
          include: PURE,
          exclude: IGNORED,
          testTimeout: 30_000,
          pool: 'forks',
          isolate: false,
          env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
        },
      },
      {
        test: {
          name: 'long',
          globalSetup: SERVICES,
          include: [LONG],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 1_800_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
    ],
  },
})
