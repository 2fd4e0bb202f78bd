import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { ZOO, type ZooCase } from '../src/zoo/cases.ts'
import { runZoo, type ZooResult } from '../src/zoo/run-zoo.ts'
import { CLI_TIMEOUT_MS, cli } from './run-cli.ts'

/** How long a case may take, in ms, its wait for a turn included. */
const TIMEOUT_MS = 600_000

/** Cases at once: one that leaks idles for most of its time, so that caches could clear. */
const MAX_CASES = 3

/** A leak a job shows in fewer jobs than rare ones and long waves do; all have the full number in the long test. */
const MANY_JOBS = 10_000
const FEW_JOBS = 2_500
const RARE = 100

/** Where objects or entries are what is to be found the weighing ends after 1,000 jobs, in ms: nothing else finds them. */
const NO_WEIGHING_MS = 1

/** Leaks and flat handlers in turn, spread evenly: flat ones keep the processors busy. */
const MIXED = [...ZOO].sort((a, b) => placeOf(a) - placeOf(b))

function placeOf(zooCase: ZooCase): number {
  const alike = ZOO.filter(({ verdict }) => verdict === zooCase.verdict)
  return alike.indexOf(zooCase) / alike.length
}

/** Those that are judged here; the long test has all. */
const HERE: readonly string[] = [
  ...['map-cache', 'preloaded-map', 'id-counts', 'emitter-listener', 'hour-timer', 'promise-race', 'retry-buffer'],
  ...['noop', 'lazy-tables', 'weak-map'],
]
const cases = ZOO.filter(({ name }) => HERE.includes(name))

const stop = new AbortController()
afterAll(() => stop.abort())

/** What could not be told, and why: a busy machine may do that, and no verdict may be wrong for it. */
const undecided: string[] = []

let running = 0
const waiting: (() => void)[] = []

/** Judges a case when its turn has come. */
async function judge(zooCase: ZooCase): Promise<ZooResult> {
  if (running < MAX_CASES) running++
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    const isWeighed = zooCase.verdict === 'flat' || !zooCase.suspect || zooCase.suspect.measure !== undefined
    const timeMs = isWeighed ? undefined : NO_WEIGHING_MS
    const jobs = zooCase.verdict === 'flat' || (zooCase.every ?? 1) >= RARE ? MANY_JOBS : FEW_JOBS
    const [result] = await runZoo({ cases: [zooCase], jobs, timeMs, signal: stop.signal })
    return result as ZooResult
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
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
  it.each(MIXED)('$name: $verdict', async (zooCase) => {
    const { verdict, because, named, isSuspect } = await judge(zooCase)
    if (verdict === 'undecided') {
      undecided.push(`${zooCase.name}: ${because}`)
      return
    }
    expect(verdict, because).toBe(zooCase.verdict)
    expect(isSuspect, `${named} was named: ${because}`).toBe(true)
  })
})

it('leaves no more than 5 % undecided', () => {
  expect(undecided.length / cases.length, undecided.join('\n')).toBeLessThanOrEqual(0.05)
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
