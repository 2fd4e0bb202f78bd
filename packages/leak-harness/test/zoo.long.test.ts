import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { namedIn } from '../src/zoo/named.ts'
import { INNOCENTS, judgeFast, VISIBLE } from './fast-zoo.ts'
import { cli } from './run-cli.ts'

const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url))

/** Some 560 runs of 12 s, three at once, with much room. */
const TIMEOUT_MS = 5_400_000

it('the whole zoo, with five seeds, and leaks once a job and once in 1,000; writes docs/zoo.md', {
  timeout: TIMEOUT_MS,
}, async () => {
  const line = 'zoo --seeds 5 --every 1,1000 --concurrency 3 --reporter terminal,markdown --out'
  const { code, stdout, stderr } = await cli([...line.split(' '), DOCS])
  expect(stdout, stderr).toMatch(/: 0 false positives, 0 false negatives, .*; 0 leaks found by something else/)
  expect(code, stdout).toBe(0)
})

/** How long a case may take in the fast form, in ms, its wait for a turn included. */
const FAST_TIMEOUT_MS = 600_000

describe.concurrent('the whole zoo, in the fast form', { timeout: FAST_TIMEOUT_MS }, () => {
  it.each(VISIBLE)('$name: found and named', async (zooCase) => {
    const run = await judgeFast(zooCase)
    expect(run.verdict, run.because).toBe('leak')
    const { named, isSuspect } = namedIn(run, zooCase.suspect)
    expect(isSuspect, `${named} was named: ${run.because}`).toBe(true)
  })

  it.each(INNOCENTS)('$name: not accused', async (zooCase) => {
    const run = await judgeFast(zooCase)
    expect(run.verdict, run.because).not.toBe('leak')
  })
})
