import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
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
