import { expect, it } from 'vitest'
import * as harness from './index.ts'

it('exports what it says, and no more', () => {
  expect(Object.keys(harness).sort()).toEqual([
    'CONTROLS',
    'DEFAULT_BUDGET',
    'DEFAULT_CONCURRENCY',
    'DEFAULT_JOBS',
    'DEFAULT_LIFETIME_MS',
    'DEFAULT_SEED',
    'DEFAULT_STALL_MS',
    'DEFAULT_TIME_MS',
    'DEFAULT_WARMUP',
    'HarnessError',
    'ZOO',
    'checkControls',
    'exitCodeOf',
    'runHarness',
    'runZoo',
    'toJson',
    'toText',
  ])
})
