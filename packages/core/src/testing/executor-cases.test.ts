import { describe, expect, test } from 'vitest'
import { inProcess } from '../worker/in-process.ts'
import { createExecutorApp } from './executor-app.ts'
import { executorCases } from './executor-cases.ts'
import { override } from './override.ts'

const create = () => inProcess(createExecutorApp(), { concurrency: 4 })

describe('in this process', () => {
  test.each(executorCases(create).map((c) => [c.name, c.run] as const))('%s', (_, run) => run())
})

/** What an executor may get wrong, and the case that must notice. */
const FAULTS = {
  'takes no more than it says, and says when it takes more': () => override(create(), { free: () => 1 }),
  'follow-ups go with the ack, as they were asked for': () =>
    override(create(), {
      start: (...args) => {
        const running = create().start(...args)
        return override(running, { outcome: running.outcome.then(({ kind }) => ({ kind }) as { kind: 'ack' }) })
      },
    }),
  'the last progress arrives, before the outcome': () =>
    override(create(), { start: (delivery) => create().start(delivery) }),
} as const

describe('a fault is noticed', () => {
  test.each(Object.entries(FAULTS))('%s', async (name, broken) => {
    const found = executorCases(broken).find((c) => c.name === name)
    await expect(found?.run()).rejects.toMatchObject({ code: 'CONFORMANCE' })
  })
})
