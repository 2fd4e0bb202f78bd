import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { configDefaults, defineConfig } from 'vitest/config'
import { NOT_IN_WORKERD } from './test/workerd/not-in-workerd.ts'

/**
 * The core's own tests once more, in workerd: the runtime of Cloudflare Workers. A configuration of its own, so that
 * nobody else's tests load what it needs.
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    // Vitest itself needs Node's modules there; the core needs none of them.
    cloudflareTest({ miniflare: { compatibilityDate: '2026-11-01', compatibilityFlags: ['nodejs_compat'] } }),
  ],
  test: {
    name: 'workerd',
    include: ['src/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...Object.keys(NOT_IN_WORKERD)],
    setupFiles: 'test/workerd/assert-workerd.ts',
    testTimeout: 30_000,
    // A workerd a file would take a second each.
    isolate: false,
    // Much of a test is waiting.
    maxWorkers: 4,
  },
})
