import { executorCases } from '@isobar/core/testing'
import { describe, test } from 'vitest'
import { isolates } from './pool.ts'

const MODULE = new URL('../../../test/fixtures/executor-app.ts', import.meta.url)

describe('isolates: conformance', () => {
  const cases = executorCases(() => isolates(MODULE, { size: 1, concurrency: 4, memory: '300mb' }))
  test.each(cases.map((c) => [c.name, c.run] as const))('%s', (_, run) => run())
})
