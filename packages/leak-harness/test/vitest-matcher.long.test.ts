import { fileURLToPath } from 'node:url'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { HarnessError } from '../src/errors.ts'
import { runHarness } from '../src/run-harness.ts'
import '../src/vitest/extend.ts'
import type { StayFlatOptions } from '../src/vitest/extend.ts'
import { toResult } from '../src/vitest/result.ts'
import { toStayFlat } from '../src/vitest/to-stay-flat.ts'
import { CLI_TIMEOUT_MS, inTurn } from './run-cli.ts'

const fixture = (file: string): URL => new URL(`fixtures/${file}`, import.meta.url)
const zoo = (name: string): URL => new URL(`../src/zoo/handlers/${name}.ts`, import.meta.url)
const SHORT: StayFlatOptions = { jobs: 500, warmup: 100, timeMs: 1_000 }

/** What an assertion fails with. */
async function failureOf(assertion: () => Promise<void>): Promise<Error> {
  try {
    await inTurn(async () => assertion())
  } catch (error) {
    return error as Error
  }
  throw new Error('the assertion passed')
}

describe.concurrent('a full run', { timeout: CLI_TIMEOUT_MS }, () => {
  it('passes what is flat', async () => {
    await inTurn(async () => expect(fixture('noop.ts')).toStayFlat({ jobs: 2_000, warmup: 500 }))
  })

  it('fails what leaks with the report', async () => {
    const error = await failureOf(() => expect(fixture('numbers.ts')).toStayFlat(SHORT))
    expect(error.message).toMatch(/^expected \S+numbers\.ts to stay flat\n\nLEAK /)
    expect(error.message).toContain('fixtures/numbers.ts → variable kept: Array')
    expect(error.message).toContain('1.000 entries a job')
    expect(error.message).toMatch(/handles +0\.00/)
    expect(error.message).not.toContain('\u001b')
  })

  it('passes what leaks with .not', async () => {
    await inTurn(async () => expect(fixture('numbers.ts')).not.toStayFlat(SHORT))
  })

  it('fails what is undecided unless that is allowed, and with .not in any case', async () => {
    const module = fileURLToPath(fixture('noop.ts'))
    const report = await inTurn(() => runHarness({ module, jobs: 50, warmup: 10, timeMs: 1_000 }))
    const answer = { module, isNot: false, passesUndecided: false }
    expect(toResult(report, answer).pass).toBe(false)
    expect(toResult(report, answer).message()).toMatch(
      /to stay flat, and that could not be decided\n\nUNDECIDED [\s\S]*50 jobs cannot show anything flat/,
    )
    expect(toResult(report, { ...answer, passesUndecided: true }).pass).toBe(true)
    const negated = toResult(report, { ...answer, passesUndecided: true, isNot: true })
    expect(negated.pass).toBe(true)
    expect(negated.message()).toMatch(/to leak, and that could not be decided\n\nUNDECIDED /)
  })

  it('throws with the error of a run that failed', async () => {
    const error = await failureOf(() => expect(fixture('throws.ts')).toStayFlat(SHORT))
    expect(error).toMatchObject({ name: 'HarnessError', code: 'HARNESS_JOBS_FAILED' })
    expect(error.message).toContain('as the run failed\n\nFAILED')
    expect(error.message).toContain('TypeError: no mailbox for job 0')
  })

  it('is stopped before the test is, and says so', async () => {
    const context = { isNot: false, task: { timeout: 3_000 } }
    const error = await failureOf(async () => {
      await toStayFlat.call(context, fixture('hangs.ts'), { stallMs: 100_000 })
    })
    expect(error).toBeInstanceOf(HarnessError)
    expect(error.message).toContain("within the test's timeout of 3000 ms")
    expect(error.message).toContain('{ fast: true }')
  })
})

describe.concurrent('a fast run', { timeout: CLI_TIMEOUT_MS }, () => {
  it.each(['map-cache'])('finds %s', async (name) => {
    const error = await failureOf(() => expect(zoo(name)).toStayFlat({ fast: true, env: { ZOO_EVERY: '1' } }))
    expect(error.message).toMatch(/to stay flat\n\nLEAK /)
    expect(error.message).toContain(`handlers/${name}.ts → variable`)
    expect(error.message).toContain('note: a fast run: memory was not weighed')
  })

  it.each(['noop'])('passes %s', async (name) => {
    await inTurn(async () => expect(zoo(name)).toStayFlat({ fast: true }))
  })

  it('shows nothing flat', async () => {
    const error = await failureOf(() => expect(fixture('noop.ts')).not.toStayFlat({ fast: true }))
    expect(error.message).toMatch(/nothing gathers in 1[\d,]+ jobs; memory was not weighed/)
  })

  it('throws when the jobs fail, also with .not', async () => {
    const error = await failureOf(() => expect(fixture('throws.ts')).not.toStayFlat({ fast: true }))
    expect(error.message).toContain('HARNESS_JOBS_FAILED: 100 of 100 jobs failed')
  })
})

it('takes a module, and nothing else', async () => {
  const error = await failureOf(() => expect(() => {}).toStayFlat())
  expect(error.message).toContain('toStayFlat was given a function; ')
  expect(error.message).toContain("new URL('./app.ts', import.meta.url)")
})

it('has the types of its options', () => {
  expectTypeOf(expect(fixture('noop.ts')).toStayFlat).parameters.toEqualTypeOf<[options?: StayFlatOptions]>()
  expectTypeOf(expect(fixture('noop.ts')).toStayFlat).returns.toEqualTypeOf<Promise<void>>()
  expectTypeOf(expect(fixture('noop.ts')).not.toStayFlat).returns.toEqualTypeOf<Promise<void>>()
  expectTypeOf<{ jobs: 10_000; runtimes: string[] }>().toExtend<StayFlatOptions>()
  expectTypeOf<{ fast: true; jobs: number }>().toExtend<StayFlatOptions>()
  // @ts-expect-error the module is what is expected of, not an option
  const options: StayFlatOptions = { module: '/srv/app.ts' }
  // @ts-expect-error a fast run has no budget
  const fast: StayFlatOptions = { fast: true, budget: { rss: 1 } }
  expect([options, fast]).toHaveLength(2)
})
