import { realpathSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RuntimeName } from '../src/identity.ts'
import { type Place, SUITES, type SuiteName } from '../src/suites.ts'
import { RUN_MS, type Run, runSuites } from './run-suites.ts'
import { type MatrixName, RUNTIMES, type Runtime } from './runtimes.ts'

/** Runtimes at once. */
const AT_ONCE = 2

/** Has runtimes run suites, and tests of each that it was that runtime, that it ran every case and that none failed. */
export function testSuites(
  names: readonly MatrixName[],
  suitesOf: (runtime: RuntimeName) => readonly SuiteName[],
): void {
  const runs = new Map<MatrixName, Promise<Run>>()
  // Two runtimes at once: much of a case is waiting, and with more of them it would wait for the others.
  beforeAll(() => {
    const lines: Promise<unknown>[] = Array(AT_ONCE).fill(undefined)
    for (const [at, name] of names.entries()) {
      const run = Promise.resolve(lines[at % AT_ONCE]).then(() =>
        runSuites(RUNTIMES[name](), suitesOf(RUNTIMES[name]().is)),
      )
      runs.set(name, run)
      // Its own tests tell of an error.
      lines[at % AT_ONCE] = run.catch(() => {})
    }
  })

  describe.each(names)('%s', (name) => {
    let run: Run
    beforeAll(async () => {
      run = (await runs.get(name)) as Run
    }, RUN_MS * names.length)

    test.each(suitesOf(RUNTIMES[name]().is))('%s', (suite) => {
      expectRuntime(run, RUNTIMES[name]())
      const results = run.results.filter((result) => result.suite === suite)
      expect(results.filter(({ ok }) => !ok)).toEqual([])
      expect(results.map((result) => result.case).sort()).toEqual(caseNames(suite).sort())
    })

    test('ends by itself, with what it said', () => {
      expect(run.summary).toEqual({ passed: run.results.length, failed: 0 })
      expect(run.exitCode).toBe(0)
    })
  })
}

/** The cases that a suite has; nothing is opened for their names. */
function caseNames(suite: SuiteName): string[] {
  const place: Place = {
    databaseUrl: 'postgres://nowhere',
    folder: '/nowhere',
    redisUrl: 'redis://nowhere',
    prefix: 'x',
  }
  return SUITES[suite].cases(place).map(({ name }) => name)
}

function expectRuntime({ identity }: Run, { is, version, program, engine, words }: Runtime): void {
  expect(identity).toEqual({
    runtime: is,
    version,
    program: realpathSync(program),
    engine: expect.stringMatching(engine),
    words: expect.stringMatching(words),
  })
}
