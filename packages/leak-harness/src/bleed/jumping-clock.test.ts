import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const SCRIPT = `
  import { letClocksJump } from ${JSON.stringify(new URL('jumping-clock.ts', import.meta.url).href)}
  const before = Date
  letClocksJump()
  const clocks = {
    'Date.now': () => Date.now(),
    'new Date': () => new Date().getTime(),
    'performance.now': () => performance.now(),
    hrtime: () => { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6 },
    'hrtime.bigint': () => Number(process.hrtime.bigint() / 1000000n),
  }
  const passed = Object.fromEntries(Object.entries(clocks).map(([name, read]) => [name, -read() + read()]))
  const since = process.hrtime(process.hrtime())
  console.log(JSON.stringify({
    passed,
    since: since[0] * 1e3 + since[1] / 1e6,
    isDate: new Date() instanceof Date && new before() instanceof Date && new Date().constructor === Date,
    fixed: new Date(5).getTime(),
    utc: Date.UTC(1970, 0, 1),
    text: Date(),
  }))
`

it('lets each clock jump, and dates be dates', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', SCRIPT])
  const { passed, since, ...rest } = JSON.parse(stdout)
  for (const [name, ms] of Object.entries({ ...passed, since })) {
    expect(ms, name).toBeGreaterThanOrEqual(19)
    expect(ms, name).toBeLessThan(1_000)
  }
  expect(rest).toEqual({ isDate: true, fixed: 5, utc: 0, text: expect.stringMatching(/GMT/) })
})
