import { expect, test } from 'vitest'
import { createRuns } from './runs.ts'

test.each(Object.entries(createRuns()))('%s does its job', async (_, run) => {
  expect(await run()).toEqual({ kind: 'ack' })
})
