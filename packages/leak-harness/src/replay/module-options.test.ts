import { expect, it } from 'vitest'
import { toModuleOptions } from './module-options.ts'

it('takes every option there is', () => {
  const options = {
    setup: () => {},
    teardown: () => {},
    vary: (data: unknown) => data,
    expectFailures: true,
    lifetime: { jobs: 100, ms: 0 },
    budget: { heap: 2 },
    jobs: 400,
    warmup: 0,
    concurrency: 8,
  }
  expect(toModuleOptions(options, '/app.ts')).toBe(options)
  expect(toModuleOptions({ setup: undefined, lifetime: undefined }, '/app.ts')).toEqual({})
})

it.each([
  [null, 'it must be an object of options'],
  [42, 'it must be an object of options'],
  [{ expectFailure: true }, 'it has no option "expectFailure"; the options are setup, teardown,'],
  [{ toString: () => '' }, 'it has no option "toString"'],
  [{ setup: 'now' }, '"setup" must be a function'],
  [{ expectFailures: 'yes' }, '"expectFailures" must be a boolean'],
  [{ budget: null }, '"budget" must be an object'],
  [{ jobs: '400' }, '"jobs" must be a number'],
  [{ jobs: 0 }, '"jobs" is 0; it must be a whole number of 1 or more'],
  [{ budget: { hep: 1 } }, '"budget" has no measure "hep"'],
  [{ lifetime: { ms: '5s' } }, '"lifetime.ms" must be a number of 0 or more'],
  [{ lifetime: { ms: Number.POSITIVE_INFINITY } }, '"lifetime.ms" must be a number of 0 or more'],
  [{ lifetime: { jobs: 0.5 } }, '"lifetime.jobs" must be a whole number'],
  [{ lifetime: { seconds: 5 } }, '"lifetime" has no "seconds"; it has jobs and ms'],
])('refuses %j', (harness, problem) => {
  expect(() => toModuleOptions(harness, '/app.ts')).toThrow(
    expect.objectContaining({
      code: 'HARNESS_LOAD',
      message: expect.stringContaining(`"harness" of /app.ts cannot be used: ${problem}`),
    }),
  )
})
