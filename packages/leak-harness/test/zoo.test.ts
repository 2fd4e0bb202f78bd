import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { runFast } from '../src/vitest/fast.ts'
import { ZOO, type ZooCase } from '../src/zoo/cases.ts'
import { namedIn } from '../src/zoo/named.ts'
import { CLI_TIMEOUT_MS, cli, takeTurns } from './run-cli.ts'

/** How long a case may take, in ms, its wait for a turn included. */
const TIMEOUT_MS = 600_000

/** Leaks that leave no object and no entry behind: a fast run, which weighs nothing, cannot see them. */
const ONLY_WEIGHED: readonly string[] = ['text-log', 'vm-code', 'growing-buffer', 'open-file', 'unread-stream']

/** Innocents that fill for thousands of jobs: on a slow machine a fast run would replay fewer, and take them for leaks. */
const FILLS_SLOWLY: readonly string[] = [
  'saturating-intern',
  'lru',
  'ttl-cache',
  'lazy-tables',
  'pool',
  'sawtooth',
  'small-sawtooth',
]

/** Jobs by which they are full. */
const FULL = 10_000

/** At once: a leak that was found idles for most of its time. */
const inTurn = takeTurns(5)

const stop = new AbortController()
afterAll(() => stop.abort())

/** Judges a case in the fast form, when its turn has come. */
async function judge({ name, every = 1 }: ZooCase) {
  const module = fileURLToPath(new URL(`../src/zoo/handlers/${name}.ts`, import.meta.url))
  const env = { ZOO_EVERY: String(Math.min(every, 20)), ZOO_SEED: '1' }
  const { runs, failed } = await inTurn(() =>
    runFast({ module, env, signal: stop.signal }, FILLS_SLOWLY.includes(name) ? FULL : undefined),
  )
  if (runs[0]) return runs[0]
  throw new Error(failed[0]?.error)
}

it('has a handler of each kind at least 20 times, and says of most leaks what is to be named', () => {
  const leaks = ZOO.filter(({ verdict }) => verdict === 'leak')
  expect(leaks.length).toBeGreaterThanOrEqual(20)
  expect(ZOO.length - leaks.length).toBeGreaterThanOrEqual(20)
  expect(leaks.filter(({ suspect }) => suspect).length).toBeGreaterThanOrEqual(25)
  expect(new Set(ZOO.map(({ name }) => name)).size).toBe(ZOO.length)
})

describe.concurrent('the whole zoo, in the fast form', { timeout: TIMEOUT_MS }, () => {
  it.each(ZOO.filter(({ verdict, name }) => verdict === 'leak' && !ONLY_WEIGHED.includes(name)))(
    '$name: found and named',
    async (zooCase) => {
      const run = await judge(zooCase)
      expect(run.verdict, run.because).toBe('leak')
      const { named, isSuspect } = namedIn(run, zooCase.suspect)
      expect(isSuspect, `${named} was named: ${run.because}`).toBe(true)
    },
  )

  it.each(ZOO.filter(({ verdict }) => verdict === 'flat'))('$name: not accused', async (zooCase) => {
    const run = await judge(zooCase)
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
