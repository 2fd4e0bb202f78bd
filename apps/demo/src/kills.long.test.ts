import { afterAll, expect, test } from 'vitest'
import { recordFigure } from '../../../scripts/figures.ts'
import { startDemoProcess } from '../test/demo-process.ts'
import { createEngineFolder } from '../test/folder.ts'
import { PLACES } from '../test/places.ts'
import { checkTables } from '../test/tables.ts'
import { createRandom } from './random.ts'
import { createTrace } from './trace.ts'

const JOBS = 4_000
const KILLS = 12

/** Of a run that is ended once. */
const FEW = 600

/** A kill comes so long after the demo has told that it goes on, in ms: at its first steps, or well in the middle. */
const LATEST_MS = 1_500

const trace = createTrace({ jobs: JOBS })
const total = JOBS + trace.followUps

const blank = await createEngineFolder()
afterAll(() => blank[Symbol.asyncDispose]())

test.each(Object.entries(PLACES))(
  '%s: killed a dozen times at any moment, it comes to the exact ledger',
  async (name, makePlace) => {
    await using own = await makePlace(blank)
    for (let kill = 0; kill < KILLS; kill++) {
      await using demo = startDemoProcess(...own.flags, '--jobs', `${JOBS}`)
      await demo.until(/e-mail platform/)
      await new Promise((resolve) => setTimeout(resolve, createRandom(1, kill).next() * LATEST_MS))
      demo.kill('SIGKILL')
      expect(await demo.ended).toMatchObject({ signal: 'SIGKILL', err: '' })
    }
    await using last = startDemoProcess(...own.flags, '--jobs', `${JOBS}`)
    const { code, out, err } = await last.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`start ${KILLS + 1}: goes on at `)
    expect(out).toContain('as foreseen')
    await checkTables(own.place, trace)
    const again = /handed out again +([\d,]+)/.exec(out)?.[1] ?? '0'
    recordFigure(
      `The demo on ${name}, killed ${KILLS} times (kill -9): jobs lost of ${total.toLocaleString('en')}`,
      `0; ledger exact; ${again} were in the killed workers' hands and were handed out again`,
    )
  },
)

test('SIGTERM drains, exits with 0 and leaves the rest to the next start', async () => {
  await using own = await PLACES['the embedded engine'](blank)
  await using first = startDemoProcess(...own.flags, '--jobs', `${FEW}`)
  await first.until(/ [1-9]\d* of \d+ jobs/)
  first.kill('SIGTERM')
  expect(await first.ended).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('not complete: start it again, and it goes on'),
  })

  await using second = startDemoProcess(...own.flags, '--jobs', `${FEW}`)
  const { code, out, err } = await second.ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/start 2: goes on at \d+ jobs/)
  expect(out).toContain('as foreseen')
  // Nothing was lost with the process, so that nothing was handed out again.
  expect(out).not.toContain('handed out again')
})
