import { describe, expect, it } from 'vitest'
import { RUNTIMES } from '../src/runtimes/drivers.ts'
import { ZOO } from '../src/zoo/cases.ts'
import { CONTROLS } from '../src/zoo/controls.ts'
import { runZoo } from '../src/zoo/run-zoo.ts'
import { inTurn } from './run-cli.ts'

/** How long a control may take, in ms, its wait for a turn included. */
const TIMEOUT_MS = 300_000

/** Where the controls of the other tests do not run. */
const ELSEWHERE = RUNTIMES.filter((runtime) => runtime !== 'node')

const cases = ZOO.filter(({ name }) => CONTROLS.includes(name))

describe.concurrent.each(ELSEWHERE)('the controls in %s', (runtime) => {
  it('a planted leak is found and named, and a clean handler is not accused', { timeout: TIMEOUT_MS }, async () => {
    const results = await inTurn(() => runZoo({ cases, runtimes: [runtime], jobs: 2_000, concurrency: 1 }))
    expect(results).toMatchObject([
      { name: 'number-array', verdict: 'leak', isSuspect: true },
      { name: 'noop', verdict: 'flat' },
    ])
  })
})
