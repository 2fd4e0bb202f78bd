import fc from 'fast-check'
import { test } from 'vitest'
import { createFakeClock } from '../src/testing/fake-clock.ts'
import { event, play } from './play.ts'

test('every job is done, dead or cancelled in the end, whatever handlers, workers and networks do; none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 25 }), (events) => play(events, createFakeClock())),
    { numRuns: 60 },
  )
}, 120_000)
