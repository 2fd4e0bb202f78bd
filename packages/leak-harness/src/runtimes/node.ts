import type { RuntimeDriver } from './driver.ts'
import { createProcessDriver, EXACT_ENVIRONMENT } from './process-driver.ts'
import { EXACT_FLAGS } from './v8-flags.ts'

/** A young generation of fixed size keeps RSS still, which goes up in steps of megabytes while that grows. */
const YOUNG_FLAGS: readonly string[] = ['--min-semi-space-size=4', '--max-semi-space-size=4']

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
