import { describe, expect, test } from 'vitest'
import { toDelivery } from '../../test/delivery.ts'
import { createApp } from '../app.ts'
import { defineJob } from '../job.ts'
import { defineResource } from '../resource.ts'
import { Scope } from '../scope.ts'
import { failOnOpenScopes, trackScopes } from './track-scopes.ts'

const job = defineJob({ name: 'job' })
const thing = defineResource<string>('thing')

describe('trackScopes', () => {
  test('knows what is open, and where it was opened', async () => {
    using tracker = trackScopes()
    const scope = new Scope()
    expect(tracker.open()).toHaveLength(1)
    expect(tracker.open()[0]).toContain('track-scopes.test.ts')
    await scope.disposeAsync()
    expect(tracker.open()).toEqual([])
  })

  test('what was moved is open until the new scope is disposed', async () => {
    using tracker = trackScopes()
    const moved = new Scope().move()
    expect(tracker.open()).toHaveLength(1)
    await moved.disposeAsync()
    expect(tracker.open()).toEqual([])
  })

  test('sees nothing once it is disposed', () => {
    const tracker = trackScopes()
    tracker[Symbol.dispose]()
    const scope = new Scope()
    expect(tracker.open()).toEqual([])
    void scope.disposeAsync()
  })
})

describe('failOnOpenScopes', () => {
  /** An app that opens scopes of every kind: of jobs, of their resources, of the isolate's. */
  const create = () =>
    createApp()
      .on(job, async (ctx) => {
        ctx.scope.defer(() => {})
        return ctx.use(thing)
      })
      .provide(thing, { lifetime: 'isolate', create: () => 'made', dispose: () => {}, maxUses: 2 })

  test('passes on what the work gives when all is closed: after jobs, retired resources and failures', async () => {
    const results = await failOnOpenScopes(async () => {
      await using app = create()
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => app.run(toDelivery('job'))))
      outcomes.push(await app.run(toDelivery('unknown')))
      return outcomes.map(({ kind }) => kind)
    })
    expect(results).toEqual(['ack', 'ack', 'ack', 'ack', 'ack', 'dead'])
  })

  test('fails when an app is not disposed, naming the place', async () => {
    const app = create()
    await expect(failOnOpenScopes(() => app.run(toDelivery('job')))).rejects.toMatchObject({
      code: 'OPEN_SCOPES',
      message: expect.stringMatching(/dispose the app[\s\S]*at /),
    })
    await app.dispose()
  })

  test('fails when a job was not awaited', async () => {
    const gate = Promise.withResolvers<void>()
    const app = createApp().on(job, async (ctx) => {
      ctx.scope.defer(() => {})
      await gate.promise
    })
    let run: Promise<unknown> | undefined
    const work = (): void => {
      run = app.run(toDelivery('job'))
    }
    await expect(failOnOpenScopes(work)).rejects.toMatchObject({
      code: 'OPEN_SCOPES',
      message: expect.stringContaining('1 scopes are still open'),
    })
    gate.resolve()
    await run
  })

  test('fails with the error of the work where that fails, and stops watching', async () => {
    const scopes: Scope[] = []
    const work = (): void => {
      scopes.push(new Scope())
      throw new Error('the work')
    }
    await expect(failOnOpenScopes(work)).rejects.toThrow('the work')
    expect(await failOnOpenScopes(() => 5)).toBe(5)
    for (const scope of scopes) await scope.disposeAsync()
  })
})
