import { describe, expect, test } from 'vitest'
import { createMemoryBroker } from '../memory/index.ts'
import { inProcess } from '../worker/in-process.ts'
import { override } from './override.ts'
import { createWorkerApp } from './worker-app.ts'
import { workerCases } from './worker-cases.ts'

const create = () => ({
  broker: createMemoryBroker(),
  executor: inProcess(createWorkerApp(), { concurrency: 4 }),
})

const cases = workerCases(create)

describe('on the memory broker, in this process', () => {
  test.concurrent.each(cases.map((c) => [c.name, c.run] as const))('%s', (_, run) => run())
})

test('has all cases, each under its own name', () => {
  expect(cases.length).toBeGreaterThan(25)
  expect(new Set(cases.map((c) => c.name)).size).toBe(cases.length)
})

test('a broker that cannot show what became of jobs passes nothing, and is told why', async () => {
  const blind = workerCases(() => {
    const { broker, executor } = create()
    return { broker: override(broker, { can: { ...broker.can, stats: false, lookup: false } }), executor }
  })
  const results = await Promise.allSettled(blind.map((c) => c.run()))
  const reasons = results.map((result) => (result.status === 'rejected' ? String(result.reason.message) : 'passed'))
  expect(new Set(reasons)).toEqual(new Set(['the suite of workers needs a broker whose can says stats, lookup']))
})

test('what it made is disposed of when a case fails', async () => {
  const disposed: string[] = []
  const [first] = workerCases(() => {
    const { broker, executor } = create()
    return {
      broker: override(broker, {
        send: () => Promise.reject(new Error('no')),
        [Symbol.asyncDispose]: async () => void disposed.push('broker'),
      }),
      executor: override(executor, { [Symbol.asyncDispose]: async () => void disposed.push('executor') }),
    }
  })
  await expect(first?.run()).rejects.toThrow('no')
  expect(disposed).toEqual(['executor', 'broker'])
})

test.each([{ leaseMs: 0 }, { patienceMs: Number.NaN }])('refuses %j', (options) => {
  expect(() => workerCases(create, options)).toThrow('must be above 0')
})
