import { expect, test } from 'vitest'
import type { Fate } from './fate.ts'
import { JOB_TYPES, sendEmail } from './jobs.ts'
import { QUEUES } from './queues.ts'
import { createTrace, toBusyAddress, toIndex, toJobSpec } from './trace.ts'

const trace = createTrace({ jobs: 2_000 })
const indexes = Array.from({ length: trace.jobs }, (_, index) => index)
const types = new Map(JOB_TYPES.map((type) => [type.name, type]))
const share = (kinds: readonly Fate['kind'][]) =>
  indexes.filter((index) => kinds.includes(trace.fateOf(index).kind)).length / trace.jobs

function fits(name: string, data: unknown): boolean | undefined {
  const schema = types.get(name)?.data
  if (!schema) return undefined
  return !('issues' in (schema['~standard'].validate(JSON.parse(JSON.stringify(data))) as object))
}

test('the same seed gives the same jobs, in any order; another seed gives others', () => {
  const again = createTrace({ jobs: 2_000 })
  for (const index of [1_999, 0, 250, 1]) expect(toJobSpec(again.at(index))).toEqual(toJobSpec(trace.at(index)))
  expect(createTrace({ jobs: 2_000, seed: 2 }).at(0)).not.toEqual(trace.at(0))
})

test.each<[string, readonly Fate['kind'][], number]>([
  ['arrive', ['incoming'], 0.4],
  ['are sent', ['send', 'busy', 'suppressed', 'rejected'], 0.4],
  ['bounce', ['bounce'], 0.08],
  ['are webhooks', ['webhook'], 0.04],
  ['warm up', ['warm-up'], 0.03],
  ['are figures of a day', ['analytics'], 0.02],
  ['are invoices', ['invoice'], 0.02],
  ['are imports', ['import'], 0.01],
  ['are poison', ['down', 'invalid', 'unknown', 'stray', 'gone', 'no-warm-up', 'no-file'], 0.028],
])('so many %s', (_, kinds, part) => {
  // Five standard deviations; poison has its places.
  const odds = 5 * Math.sqrt((part * (1 - part)) / trace.jobs)
  expect(Math.abs(share(kinds) - part)).toBeLessThan(odds)
})

test('jobs fit their schemas, but for those that must not', () => {
  for (const index of indexes) {
    const { kind } = trace.fateOf(index)
    const { name, data } = trace.at(index)
    expect(fits(name, data), `job ${index}, ${kind}`).toBe(kind === 'unknown' ? undefined : kind !== 'invalid')
  }
})

test('queues are those that workers read, all priorities among them', () => {
  const jobs = indexes.map((index) => trace.at(index))
  expect(jobs.every(({ queue }) => (QUEUES as readonly string[]).includes(queue))).toBe(true)
  expect(new Set(jobs.map(({ priority }) => priority))).toEqual(new Set(['high', 'normal', 'low']))
  expect(jobs.filter(({ queue }) => queue.endsWith(':high')).every(({ priority }) => priority === 'high')).toBe(true)
})

test('the ledger foreseen is that of the fates', () => {
  const count = (kind: Fate['kind']) => indexes.filter((index) => trace.fateOf(index).kind === kind).length
  const sum = (of: (fate: Fate) => number) => indexes.reduce((total, index) => total + of(trace.fateOf(index)), 0)
  const busy = sum((fate) => (fate.kind === 'busy' ? fate.times : 0))
  const unavailable = sum((fate) => (fate.kind === 'webhook' ? fate.times : 0))
  const steps = sum((fate) => (fate.kind === 'warm-up' ? fate.follow : 0))
  expect(trace.expected.dead).toEqual({ invalid: 8, unknown: 8, unrecoverable: 32, exhausted: 8 })
  expect(trace.expected.retried).toBe(busy + unavailable + 8 * (sendEmail.retry.attempts - 1))
  expect(trace.expected.failedAttempts).toBe(trace.expected.retried + 40)
  expect(trace.expected.done).toBe(trace.jobs - 56 + count('rejected') + steps)
  expect(trace.followUps).toBe(count('rejected') + steps)
  expect(Math.min(busy, unavailable, steps, count('rejected'), count('suppressed'))).toBeGreaterThan(0)
})

test('a trace of 300 has poison of every kind', () => {
  expect(createTrace({ jobs: 300 }).expected.dead).toEqual({ invalid: 2, unknown: 1, unrecoverable: 4, exhausted: 1 })
})

test('a job’s id tells its place in the trace; a follow-up’s does not', () => {
  for (const index of [0, 41, 1_999, 1_234_567]) expect(toIndex(trace.at(index).id)).toBe(index)
  expect(toIndex('0198c0de-1111-7000-8000-000000000001')).toBeUndefined()
})

test('the address of a job that is put off can be told without its data', () => {
  const index = indexes.find((at) => trace.fateOf(at).kind === 'busy') ?? Number.NaN
  const fate = trace.fateOf(index)
  expect(fate.kind === 'busy' && trace.at(index).data).toMatchObject({
    personalisations: { address: toBusyAddress(fate as Extract<Fate, { kind: 'busy' }>, index) },
  })
})
