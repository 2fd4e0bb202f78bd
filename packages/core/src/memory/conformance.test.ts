import { describe, expect, it } from 'vitest'
import { brokerCases } from '../testing/broker-cases.ts'
import { createMemoryBroker } from './index.ts'

const cases = brokerCases((options) => createMemoryBroker(options))

describe('memory broker: conformance', () => {
  it.concurrent.each(cases.map((c) => [c.name, c.run] as const))('%s', async (_, run) => {
    await run()
  })
})

describe('memory broker', () => {
  it('has all cases, each under its own name', () => {
    expect(cases.length).toBeGreaterThan(100)
    expect(new Set(cases.map((c) => c.name)).size).toBe(cases.length)
  })
})
