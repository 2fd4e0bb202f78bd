import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const LONG = '**/*.long.test.ts'

/** Finds or starts the services that a test asks for. */
const SERVICES = 'scripts/services/global-setup.ts'

export default defineConfig({
  test: {
    // One is left out otherwise, and much of a test is waiting: for a server, a lease, a process.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: SERVICES,
          include: ['{packages,apps}/*/{src,test}/**/*.test.ts', '{bench,scripts,docs}/**/*.test.ts'],
          exclude: [LONG, '**/node_modules/**', '**/dist/**'],
          testTimeout: 30_000,
          pool: 'forks',
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
