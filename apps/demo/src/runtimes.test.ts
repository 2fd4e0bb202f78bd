import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type DemoProcess, startProcess } from '../test/demo-process.ts'
import { createEngineFolder } from '../test/folder.ts'
import { DENO_ENV, RUNTIMES } from '../test/runtimes.ts'
import { checkServed } from '../test/served.ts'
import { startOn } from '../test/start-on.ts'
import { checkTables } from '../test/tables.ts'
import { createTrace } from './trace.ts'

/** Runs of some seconds, and leases of 5 s to wait for; several times that on a machine that is busy. */
const TIMEOUT_MS = 180_000

const DEMO = fileURLToPath(new URL('../', import.meta.url))
const PACKAGE = fileURLToPath(new URL('../../../package.json', import.meta.url))
const LOCK = fileURLToPath(new URL('../../../deno.lock', import.meta.url))

test(
  'a run that is begun on Node, killed, gone on with on Deno, killed, and ended on Bun has the exact ledger',
  async () => {
    const jobs = 200
    const trace = createTrace({ jobs })
    const total = jobs + trace.followUps
    await using folder = await createEngineFolder()
    const kill = async (demo: DemoProcess, until: RegExp): Promise<string> => {
      await demo.until(until)
      demo.kill('SIGKILL')
      const { signal, out, err } = await demo.ended
      expect({ signal, err }).toEqual({ signal: 'SIGKILL', err: '' })
      return out
    }
    await using onNode = startOn('node', folder.path, '--jobs', `${jobs}`)
    await kill(onNode, new RegExp(` [1-9]\\d* of ${total} jobs`))
    await using onDeno = startOn('deno', folder.path, '--jobs', `${jobs}`)
    expect(await kill(onDeno, /goes on at .*\n(.*\n)* .* jobs/)).toContain('start 2: goes on at ')

    await using onBun = startOn('bun', folder.path, '--jobs', `${jobs}`)
    const { code, out, err } = await onBun.ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('start 3: goes on at ')
    expect(out).toMatch(new RegExp(`done +${trace.expected.done} `))
    expect(out).toContain('as foreseen')
    await checkTables({ kind: 'embedded', folder: folder.path }, trace)
  },
  TIMEOUT_MS,
)

test('deno task start ends by itself, and writes into no file of the workspace', async () => {
  const before = readFileSync(PACKAGE, 'utf8')
  const { program } = RUNTIMES.deno()
  const path = `${fileURLToPath(new URL('../../../node_modules/deno', import.meta.url))}:${process.env['PATH']}`
  const { code, out } = await startProcess(program, ['task', '--cwd', DEMO, 'start', '--memory', '--jobs', '300'], {
    PATH: path,
  }).ended
  expect(code).toBe(0)
  const total = 300 + createTrace({ jobs: 300 }).followUps
  expect(out).toMatch(new RegExp(`${total} of ${total} jobs in`))
  expect(out).toContain('as foreseen')
  expect(readFileSync(PACKAGE, 'utf8')).toBe(before)
  expect(() => readFileSync(LOCK)).toThrow('ENOENT')
})

test.each(['deno', 'bun'] as const)('on %s SIGINT drains and tells what was done', async (name) => {
  const { program, flags } = RUNTIMES[name]()
  const args = [...flags, `${DEMO}src/${name}.ts`, '--memory', '--jobs', '100000']
  await using demo = startProcess(program, args, DENO_ENV)
  await demo.until(/of 10\d,\d+ jobs/)
  demo.kill('SIGINT')
  const { code, out, err } = await demo.ended
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('not complete: the run was ended early')
})

// On Bun in the long tests.
test('on Deno the platform is served from isolates, on the embedded engine', () => checkServed('deno'), TIMEOUT_MS)
