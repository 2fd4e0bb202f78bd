import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ZOO, type ZooCase } from '../src/zoo/cases.ts'
import { runZoo, type ZooResult } from '../src/zoo/run-zoo.ts'
import { CLI_TIMEOUT_MS, cli, inTurn } from './run-cli.ts'

/** How long a case may take, in ms, its wait for a turn included. */
const TIMEOUT_MS = 600_000

/** A leak a job shows in fewer jobs than the default, and nothing of it has to be weighed: that ends after 1,000 jobs. */
const LEAK_OPTIONS = { jobs: 2_500, timeMs: 1 } as const

/** Those that are judged here; the long test has all. */
const HERE: readonly string[] = [
  ...['map-cache', 'preloaded-map', 'id-counts', 'emitter-listener', 'hour-timer', 'promise-race', 'retry-buffer'],
  ...['noop', 'lazy-tables', 'weak-map'],
]
const cases = ZOO.filter(({ name }) => HERE.includes(name))

const stop = new AbortController()
afterAll(() => stop.abort())

/** Judges a case when its turn has come. */
function judge(zooCase: ZooCase): Promise<ZooResult> {
  const options = zooCase.verdict === 'leak' ? LEAK_OPTIONS : {}
  return inTurn(async () => {
    const [result] = await runZoo({ ...options, cases: [zooCase], signal: stop.signal })
    return result as ZooResult
  })
}

it('has a handler of each kind at least 20 times, and says of most leaks what is to be named', () => {
  const leaks = ZOO.filter(({ verdict }) => verdict === 'leak')
  expect(leaks.length).toBeGreaterThanOrEqual(20)
  expect(ZOO.length - leaks.length).toBeGreaterThanOrEqual(20)
  expect(leaks.filter(({ suspect }) => suspect).length).toBeGreaterThanOrEqual(25)
  expect(new Set(ZOO.map(({ name }) => name)).size).toBe(ZOO.length)
  expect(cases).toHaveLength(HERE.length)
})

describe.concurrent('the zoo', { timeout: TIMEOUT_MS }, () => {
  it.each(cases)('$name: $verdict', async (zooCase) => {
    const { verdict, because, named, isSuspect } = await judge(zooCase)
    expect(verdict, because).toBe(zooCase.verdict)
    expect(isSuspect, `${named} was named: ${because}`).toBe(true)
  })
})

it(
  'the command writes JSON to standard output, the table to standard error, and both into a folder',
  async ({ onTestFinished }) => {
    const folder = await mkdtemp(join(tmpdir(), 'leak-harness-zoo-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const short = ['zoo', '--only', 'noop', '--jobs', '500', '--reporter'] as const
    const { code, stdout, stderr } = await cli([...short, 'terminal,json'])
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 0, results: [{ name: 'noop', verdict: 'flat', jobs: 500 }] })
    expect(stderr).toContain('1 runs of 1 cases: 0 false positives')
    await cli([...short, 'json,markdown', '--out', folder])
    expect(await readdir(folder)).toEqual(['zoo.json', 'zoo.md'])
  },
  CLI_TIMEOUT_MS,
)
