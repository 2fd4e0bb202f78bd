import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { startDemoProcess } from '../test/demo-process.ts'
import { createEngineFolder } from '../test/folder.ts'

/** Starts of some seconds; several times that on a machine that is busy. */
const TIMEOUT_MS = 120_000

const URL_LINE = /^isobar demo {2}(http:\/\/127\.0\.0\.1:\d+) {2}watch memory per job/

test(
  'with no trace asked for, the platform is served until Ctrl-C, goes on at the next start, and is no place for a trace',
  async () => {
    await using folder = await createEngineFolder()
    const args = ['--folder', folder.path, '--port', '0'] as const
    await using first = startDemoProcess(...args)
    await first.until(URL_LINE)
    await first.until(/ {2}fed [1-9]\d* {2}done [1-9]/)
    first.kill('SIGINT')
    const { code, out, err } = await first.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const fed = Number(/drained: fed (\d+) {2}done [1-9].*; start it again, and it goes on\n$/.exec(out)?.[1])
    expect(fed).toBeGreaterThan(0)

    await using second = startDemoProcess(...args)
    await second.until(/ {2}fed \d/)
    second.kill('SIGTERM')
    const again = await second.ended
    expect(again).toMatchObject({ code: 0, err: '' })
    expect(Number(/drained: fed ([\d,]+)/.exec(again.out)?.[1]?.replace(',', ''))).toBeGreaterThan(fed)

    const trace = await startDemoProcess('--folder', folder.path, '--jobs', '5').ended
    expect(trace).toMatchObject({ code: 2, out: '' })
    expect(trace.err).toBe(
      'a platform is served from here; leave --jobs away, or begin a run of jobs anew with --fresh\n',
    )
  },
  TIMEOUT_MS,
)

test('a port that is taken ends it at once, in one line that says what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  try {
    const { port } = taken.address() as AddressInfo
    const { code, out, err } = await startDemoProcess('--memory', '--port', `${port}`).ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^port \d+ of 127\.0\.0\.1 is taken by another process; name another one with --port, .*\n$/)
  } finally {
    taken.close()
  }
})
