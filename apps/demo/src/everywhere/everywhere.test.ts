import { beforeAll, describe, expect, test } from 'vitest'
import { runInProcess } from '../../test/everywhere/run-in-process.ts'
import { runInWorkerd } from '../../test/everywhere/run-in-workerd.ts'
import { RUNTIMES } from '../../test/runtimes.ts'
import type { Report, RuntimeName } from './identity.ts'
import { createWaves } from './waves.ts'

const JOBS = 1_000

/** What each runtime answers, and no other. */
const PROOFS: Readonly<Record<RuntimeName, RegExp>> = {
  node: /^V8 [\d.]+-node\.\d+, shared OpenSSL (true|false)$/,
  deno: /^V8 [\d.]+-rusty$/,
  bun: /^revision [0-9a-f]{40}$/,
  workerd: /^Cloudflare-Workers WebSocketPair$/,
}

const NAMES = Object.keys(PROOFS) as readonly RuntimeName[]

let reports: Readonly<Record<RuntimeName, Report>>

beforeAll(async () => {
  const all = await Promise.all(
    NAMES.map(async (name) => [name, await (name === 'workerd' ? runInWorkerd(JOBS) : runInProcess(name, JOBS))]),
  )
  reports = Object.fromEntries(all)
}, 180_000)

describe('one app, 1,000 mixed jobs', () => {
  test.each(NAMES)('%s is what it says it is', (name) => {
    const { identity } = reports[name]
    expect(identity).toMatchObject({ runtime: name, proof: expect.stringMatching(PROOFS[name]) })
    if (name !== 'workerd') expect(identity.version).toBe(RUNTIMES[name]().version)
  })

  test('on Node every job comes to the end that is meant for it', () => {
    const { types, jobs, letters } = reports.node.outcomes
    const { expected } = createWaves(JOBS)
    const sum = (count: 'open' | 'done' | 'dead' | 'retried') =>
      Object.values(types).reduce((total, counts) => total + counts[count], 0)
    expect({ open: sum('open'), done: sum('done'), retried: sum('retried') }).toEqual({
      open: 0,
      done: expected.done,
      retried: expected.retried,
    })
    const reasons = Object.groupBy(Object.values(letters), ({ reason }) => reason)
    expect(Object.fromEntries(Object.entries(reasons).map(([reason, { length }]) => [reason, length]))).toEqual(
      expected.dead,
    )
    expect(sum('dead')).toBe(Object.keys(letters).length)
    // All that can become of a job has become of some.
    const said = Object.values(jobs).flatMap(({ attempts }) => attempts)
    for (const words of ['1 ack', '3 ack', 'retry: JOB_TIMEOUT', 'retry: RETRY_AFTER', 'retry: Error 451', 'dead']) {
      expect(said.filter((attempt) => attempt.includes(words)).length, words).toBeGreaterThan(0)
    }
    expect(Object.values(jobs).filter(({ followUps }) => followUps).length).toBeGreaterThan(0)
  })

  test.each(NAMES.slice(1))('on %s the same becomes of each, to the byte of every message', (name) => {
    expect(reports[name].outcomes).toEqual(reports.node.outcomes)
  })
})
