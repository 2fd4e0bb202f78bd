import { expect, test } from 'vitest'
import { startDemoProcess } from '../test/demo-process.ts'
import { createTrace } from './trace.ts'

const total = 300 + createTrace({ jobs: 300 }).followUps

test('a run ends by itself with a summary and exit code 0', async () => {
  const { code, out, err } = await startDemoProcess('--memory', '--jobs', '300').ended
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`${total} of ${total} jobs in`))
  expect(out).toMatch(/dead letters +8 +exhausted 1, invalid 2, unknown 1, unrecoverable 4/)
  expect(out).toContain('as foreseen')
  expect(out).toMatch(/median duration .* ms .* ms/)
  expect(out).toMatch(/[▁▂▃▄▅▆▇█]{2}/)
})

test('SIGINT drains and tells what was done', async () => {
  await using demo = startDemoProcess('--memory', '--jobs', '100000')
  await demo.until(/of 10\d,\d+ jobs/)
  demo.kill('SIGINT')
  const { code, out, err } = await demo.ended
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toContain('not complete: the run was ended early')
})

test('--help tells the options', async () => {
  expect(await startDemoProcess('--help').ended).toMatchObject({
    code: 0,
    out: expect.stringContaining('--concurrency'),
  })
})

test('a command line that cannot be understood ends with exit code 2 and says why', async () => {
  expect(await startDemoProcess('--jobs', 'many').ended).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('--jobs many must be a whole number'),
  })
})

test('a database that is not there ends with exit code 1 and one line', async () => {
  // Nobody listens there.
  const { code, err } = await startDemoProcess('--jobs', '1', '--database', 'postgres://user:secret@127.0.0.1:9/none')
    .ended
  expect(code).toBe(1)
  expect(err).toMatch(/^[^\n]*127\.0\.0\.1:9[^\n]*\n$/)
  expect(err).not.toContain('secret')
})
