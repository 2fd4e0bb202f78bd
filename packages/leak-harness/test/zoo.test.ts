import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ZOO, type ZooCase } from '../src/zoo/cases.ts'
import { namedIn } from '../src/zoo/named.ts'
import { INNOCENTS, judgeFast, VISIBLE } from './fast-zoo.ts'
import { CLI_TIMEOUT_MS, cli } from './run-cli.ts'

/** How long a case may take, in ms, its wait for a turn included. */
const TIMEOUT_MS = 600_000

/**
 * Judged at each commit: leaks of kinds that are found in different ways, and innocents of kinds that were once accused.
 * The long tests have all.
 */
const HERE: readonly string[] = [
  ...['object-cache', 'number-array', 'emitter-listener', 'hour-timer', 'promise-race', 'instance-graph', 'string-log'],
  ...['weak-ref-map', 'slab-slices', 'worker-per-job'],
  ...['lru', 'pool', 'sawtooth', 'saturating-intern', 'noop', 'late-jit', 'abort-signals', 'failing', 'pipeline'],
]
const isHere = ({ name }: ZooCase): boolean => HERE.includes(name)
const leaksHere = VISIBLE.filter(isHere)
const innocentsHere = INNOCENTS.filter(isHere)

it('has a handler of each kind at least 20 times, and says of most leaks what is to be named', () => {
  const leaks = ZOO.filter(({ verdict }) => verdict === 'leak')
  expect(leaks.length).toBeGreaterThanOrEqual(20)
  expect(ZOO.length - leaks.length).toBeGreaterThanOrEqual(20)
  expect(leaks.filter(({ suspect }) => suspect).length).toBeGreaterThanOrEqual(25)
  expect(new Set(ZOO.map(({ name }) => name)).size).toBe(ZOO.length)
})

it('has what is judged here', () => {
  expect(leaksHere.length + innocentsHere.length).toBe(HERE.length)
})

describe.concurrent('the zoo, in the fast form', { timeout: TIMEOUT_MS }, () => {
  it.each(leaksHere)('$name: found and named', async (zooCase) => {
    const run = await judgeFast(zooCase)
    expect(run.verdict, run.because).toBe('leak')
    const { named, isSuspect } = namedIn(run, zooCase.suspect)
    expect(isSuspect, `${named} was named: ${run.because}`).toBe(true)
  })

  it.each(innocentsHere)('$name: not accused', async (zooCase) => {
    const run = await judgeFast(zooCase)
    expect(run.verdict, run.because).not.toBe('leak')
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
