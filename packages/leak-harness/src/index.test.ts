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
    'EMPTY_BASELINE',
    'HarnessError',
    'ZOO',
    'applyBaseline',
    'checkControls',
    'compareReports',
    'comparisonExitCode',
    'exitCodeOf',
    'readBaseline',
    'runHarness',
    'runZoo',
    'toComparisonText',
    'toGithub',
    'toHtml',
    'toJson',
    'toJunit',
    'toSummary',
    'toText',
    'updateBaseline',
    'writeBaseline',
  ])
})
