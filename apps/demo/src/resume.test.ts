import { afterAll, expect, test } from 'vitest'
import { startDemoProcess } from '../test/demo-process.ts'
import { createEngineFolder } from '../test/folder.ts'
import { PLACES } from '../test/places.ts'
import { checkTables } from '../test/tables.ts'
import { createTrace } from './trace.ts'

/** Runs of some seconds, and a lease of 5 s to wait for; several times that on a machine that is busy. */
const TIMEOUT_MS = 180_000

const JOBS = 300
const trace = createTrace({ jobs: JOBS })
const total = JOBS + trace.followUps
/** Some jobs have ended, and not all of them. */
const SOME = new RegExp(` [1-9]\\d* of ${total} jobs`)

const blank = await createEngineFolder()
afterAll(() => blank[Symbol.asyncDispose]())

test(
  'after kill -9 it goes on where it was, to the exact ledger of both runs; then a new run begins',
  async () => {
    // On the other places it is killed in the long tests.
    await using own = await PLACES['the embedded engine'](blank)
    await using first = startDemoProcess(...own.flags, '--jobs', `${JOBS}`)
    await first.until(SOME)
    first.kill('SIGKILL')
    expect(await first.ended).toMatchObject({ code: null, signal: 'SIGKILL', err: '' })

    await using second = startDemoProcess(...own.flags, '--jobs', `${JOBS}`)
    const { code, out, err } = await second.ended
    expect(err).toBe('')
    expect(Number(/start 2: goes on at (\d+) jobs/.exec(out)?.[1])).toBeLessThan(total)
    expect(out).toContain(`${total} of ${total} jobs, `)
    expect(out).toMatch(new RegExp(`done +${trace.expected.done} `))
    expect(out).toContain('as foreseen')
    expect(code).toBe(0)
    await checkTables(own.place, trace)

    await using third = startDemoProcess(...own.flags, '--jobs', '1')
    const fresh = await third.ended
    expect(fresh).toMatchObject({ code: 0, err: '' })
    expect(fresh.out).toContain(' 1 jobs of an e-mail platform')
    expect(fresh.out).toContain('1 of 1 jobs in ')
    expect(fresh.out).toContain('as foreseen')
  },
  TIMEOUT_MS,
)

test.each([
  ['the embedded engine', /^folder .* is open in process \d+ .*\n$/],
  ['PostgreSQL', /^another demo works on this database; .*\n$/],
] as const)(
  '%s: a second demo at the same place is refused in one line',
  async (name, why) => {
    await using own = await PLACES[name](blank)
    await using first = startDemoProcess(...own.flags, '--jobs', '100000')
    await first.until(/of 10\d,\d+ jobs/)
    await using second = startDemoProcess(...own.flags, '--jobs', '100000')
    const { code, out, err } = await second.ended
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(why)
  },
  TIMEOUT_MS,
)
