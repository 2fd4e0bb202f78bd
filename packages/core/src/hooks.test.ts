import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { toDelivery } from '../test/delivery.ts'
import { createApp } from './app.ts'
import { Hooks } from './hooks.ts'
import { defineJob } from './job.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const job = defineJob({ name: 'job' })
const event = { workerId: 'w' }

describe('a hook', () => {
  test('is told in the order of adding, until it is taken away', () => {
    const hooks = new Hooks()
    const log: string[] = []
    const remove = hooks.add('stop', ({ workerId }) => log.push(`a ${workerId}`))
    hooks.add('stop', () => log.push('b'))
    hooks.emit('stop', event)
    remove()
    remove()
    hooks.emit('stop', event)
    expect(log).toEqual(['a w', 'b', 'b'])
  })

  test('added twice is told twice, and taken away once at a time', () => {
    const hooks = new Hooks()
    let told = 0
    const hook = (): number => told++
    const remove = hooks.add('stop', hook)
    const removeOther = hooks.add('stop', hook)
    remove()
    hooks.emit('stop', event)
    expect({ told, has: hooks.has('stop') }).toEqual({ told: 1, has: true })
    removeOther()
    hooks.emit('stop', event)
    expect({ told, has: hooks.has('stop') }).toEqual({ told: 1, has: false })
  })

  test('may add and take away hooks while it is told: that counts from the next event on', () => {
    const hooks = new Hooks()
    const log: string[] = []
    const remove = hooks.add('stop', () => {
      log.push('a')
      remove()
      hooks.add('stop', () => log.push('b'))
    })
    hooks.emit('stop', event)
    hooks.emit('stop', event)
    expect(log).toEqual(['a', 'b'])
  })
})

describe('the outcome of a job stands', () => {
  const errors: readonly (readonly [string, () => unknown])[] = [
    ['an error', () => new Error('in the hook')],
    ['undefined', () => undefined],
    [
      'an error that throws when it is shown',
      () =>
        Object.assign(new Error('no'), {
          [inspect.custom]: () => {
            throw new Error('shown')
          },
        }),
    ],
  ]
  test.each(errors)('when hooks throw or reject with %s, which the console is told', async (_, make) => {
    const shown = vi.spyOn(console, 'error').mockImplementation((...args) => void inspect(args))
    const unhandled: unknown[] = []
    const count = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', count)
    try {
      const log: string[] = []
      const app = createApp().on(job, (ctx) => {
        ctx.log.info('hello')
        ctx.progress(1)
        return 'done'
      })
      for (const name of ['start', 'log', 'progress', 'settle'] as const) {
        app.hook(name, () => {
          throw make()
        })
        app.hook(name, () => Promise.reject(make()))
        app.hook(name, () => log.push(name))
      }
      expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack', result: 'done' })
      await new Promise(setImmediate)
      expect(log).toEqual(['start', 'log', 'progress', 'settle'])
      const named = shown.mock.calls.map(([message]) => /a "(\w+)" hook failed/.exec(String(message))?.[1])
      expect(new Set(named)).toEqual(new Set(['start', 'log', 'progress', 'settle']))
      expect(named.length).toBeGreaterThanOrEqual(8)
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', count)
    }
  })

  test('whatever a hook answers, and it waits for none', async () => {
    const app = createApp().on(job, () => 'done')
    app.hook('start', () => new Promise(() => {}))
    app.hook('settle', ({ outcome }) => ({ ...outcome, kind: 'dead' }))
    expect(await app.run(toDelivery('job'))).toEqual({ kind: 'ack', result: 'done' })
  })
})

test('app.emit tells the hooks of what happens around the app; addHook takes its hook away', () => {
  const app = createApp()
  const seen: unknown[] = []
  const remove = app.addHook('drain', (told) => seen.push(told))
  app.emit('drain', { workerId: 'w', running: 3 })
  remove()
  app.emit('drain', { workerId: 'w', running: 2 })
  expect(seen).toEqual([{ workerId: 'w', running: 3 }])
})
