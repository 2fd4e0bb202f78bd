import { describe, expect, it } from 'vitest'
import { problemWith } from './option-check.ts'
import { runHarness } from './run-harness.ts'

describe('problemWith', () => {
  it('finds none in what is left out, at its least, or not its own to check', () => {
    expect(problemWith({})).toBeUndefined()
    expect(problemWith({ jobs: undefined, timeMs: undefined, budget: { heap: undefined } })).toBeUndefined()
    expect(problemWith({ jobs: 1, warmup: 0, concurrency: 1, seed: 0, timeMs: 1, stallMs: 0.5 })).toBeUndefined()
    expect(problemWith({ budget: { heap: 0, external: 1, rss: 256, handles: 0.0005 } })).toBeUndefined()
    expect(problemWith({ module: '/app.ts', trace: 7 })).toBeUndefined()
  })

  it.each([
    [{ jobs: 0 }, '"jobs" is 0; it must be a whole number of 1 or more'],
    [{ jobs: '400' }, '"jobs" is "400"; it must be a whole number of 1 or more'],
    [{ jobs: 2.5 }, '"jobs" is 2.5; it must be a whole number of 1 or more'],
    [{ jobs: Number.NaN }, '"jobs" is NaN; it must be a whole number of 1 or more'],
    [{ warmup: -1 }, '"warmup" is -1; it must be a whole number of 0 or more'],
    [{ concurrency: 0 }, '"concurrency" is 0; it must be a whole number of 1 or more'],
    [{ timeMs: 0 }, '"timeMs" is 0; it must be a number of ms over 0'],
    [{ stallMs: Number.POSITIVE_INFINITY }, '"stallMs" is Infinity; it must be a number of ms over 0'],
    [{ bleed: 'yes' }, '"bleed" is "yes"; it must be true or false'],
    [{ budget: 7 }, '"budget" is 7; it must be an object'],
    [{ budget: { heap: -1 } }, '"budget.heap" is -1; it must be a number of 0 or more'],
    [{ budget: { toString: 1 } }, '"budget" has no measure "toString"; the measures are heap, external, rss, handles'],
  ])('names what is wrong with %j', (options, problem) => {
    expect(problemWith(options)).toBe(problem)
  })
})

it('starts no run with an option that cannot be used', async () => {
  await expect(runHarness({ module: '/nowhere.ts', concurrency: 0 })).rejects.toMatchObject({
    code: 'HARNESS_USAGE',
    message: 'the run cannot be started: "concurrency" is 0; it must be a whole number of 1 or more',
  })
})
