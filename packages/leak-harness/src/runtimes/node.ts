import type { RuntimeDriver } from './driver.ts'
import { createProcessDriver, EXACT_ENVIRONMENT } from './process-driver.ts'
import { EXACT_FLAGS, YOUNG_FLAGS } from './v8-flags.ts'

/** Node: the one that runs the harness. */
export const nodeDriver: RuntimeDriver = createProcessDriver({
  name: 'node',
  reads: ['heap', 'external', 'rss', 'handles'],
  launch(mode, { imports }) {
    const exact = mode === 'exact'
    const preload = imports.flatMap((name) => ['--import', name])
    return {
      file: process.execPath,
      flags: ['--expose-gc', ...(exact ? [...EXACT_FLAGS, ...YOUNG_FLAGS] : []), ...preload],
      environment: exact ? EXACT_ENVIRONMENT : {},
      channel: 'own',
    }
  },
})
