import { afterEach, describe, expect, test, vi } from 'vitest'
import { toDelivery } from '../../test/delivery.ts'
import { type App, createApp } from '../app.ts'
import { InvalidDataError, Unrecoverable } from '../errors.ts'
import type { LogLevel } from '../hooks.ts'
import { defineJob } from '../job.ts'
import { type LoggerOptions, logger } from './logger.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const SECRET = 'hunter2'
const job = defineJob<string>({ name: 'email.send' })

function setUp(handler: Parameters<typeof App.prototype.on<string, string, unknown>>[1], options: LoggerOptions = {}) {
  const lines: { line: Record<string, unknown>; level: LogLevel }[] = []
  const write = (text: string, level: LogLevel): void => {
    expect(text).not.toContain('\n')
    lines.push({ line: JSON.parse(text) as Record<string, unknown>, level })
  }
  const app = createApp()
    .use(logger({ write, ...options }))
    .on(job, handler)
  const run = () => app.run(toDelivery('email.send', SECRET, { attempt: 2, queue: 'mail', tenant: 'acme' }))
  return { app, run, lines, events: () => lines.map(({ line }) => line['event']) }
}

const named = { job: 'email.send', id: '42', queue: 'mail', attempt: 2, tenant: 'acme' }

describe('a job that settles is a line of JSON', () => {
  test('with its name, outcome and duration, and nothing of its payload', async () => {
    const { run, lines } = setUp(() => SECRET)
    await run()
    expect(lines).toEqual([
      {
        level: 'info',
        line: {
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          level: 'info',
          event: 'settle',
          ...named,
          outcome: 'ack',
          durationMs: expect.any(Number),
        },
      },
    ])
    expect(JSON.stringify(lines)).not.toContain(SECRET)
  })

  test('with its error, where it failed', async () => {
    const { run, lines } = setUp(() => {
      throw new Unrecoverable('the account is closed', { cause: new Error('before') })
    })
    await run()
    expect(lines).toMatchObject([
      {
        level: 'warn',
        line: {
          event: 'settle',
          outcome: 'dead',
          error: {
            name: 'Unrecoverable',
            code: 'UNRECOVERABLE',
            message: 'the account is closed',
            stack: expect.any(String),
            cause: { message: 'before' },
          },
        },
      },
    ])
  })

  test('with the memory before and after, the bytes of its payload and its tenant, where that is asked for', async () => {
    let used = 0
    const memory = () => ({ heapUsed: used++, external: 2, rss: 3 })
    const { app, run, lines } = setUp(() => {}, { memory })
    await run()
    await app.run({ ...toDelivery('email.send', null, { payload: { bytes: new Uint8Array(5), problem: 'bad' } }) })
    const after = { external: 2, rss: 3 }
    expect(lines).toMatchObject([
      {
        line: {
          bytes: SECRET.length + 2,
          memoryBefore: { heapUsed: 0, ...after },
          memoryAfter: { heapUsed: 1, ...after },
        },
      },
      { line: { outcome: 'dead', bytes: 5, memoryAfter: { heapUsed: 2, ...after } } },
    ])
    // What never started was not measured before.
    expect(lines[1]?.line).not.toHaveProperty('memoryBefore')
  })
})

describe('what a handler logs', () => {
  test('carries the job, and its fields apart from what the logger says', async () => {
    const { run, lines } = setUp((ctx) => ctx.log.warn('sent', { to: 'ann', level: 'mine', job: 'mine' }))
    await run()
    expect(lines[0]).toEqual({
      level: 'warn',
      line: {
        time: expect.any(String),
        level: 'warn',
        event: 'log',
        message: 'sent',
        ...named,
        fields: { to: 'ann', level: 'mine', job: 'mine' },
      },
    })
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const hostile = {
    toJSON: () => {
      throw new Error('no')
    },
  }
  test.each<[string, Record<string, unknown>, unknown]>([
    ['bigints as text', { n: 10n }, { n: '10' }],
    ['functions and undefined not at all', { f: () => 1, u: undefined, ok: 1 }, { ok: 1 }],
    ['a cycle not at all', { cycle }, '(could not be written as JSON)'],
    ['what throws not at all', { hostile }, '(could not be written as JSON)'],
  ])('is written as far as JSON can: %s', async (_, fields, written) => {
    const { run, lines } = setUp((ctx) => ctx.log.info('hello', fields))
    expect((await run()).kind).toBe('ack')
    expect(lines[0]?.line).toMatchObject({ message: 'hello', ...named, fields: written })
  })

  test('below the level is not written', async () => {
    const { run, events, lines } = setUp(
      (ctx) => {
        for (const level of ['debug', 'info', 'warn', 'error'] as const) ctx.log[level](level)
        throw new Error('no')
      },
      { level: 'warn' },
    )
    await run()
    expect(events()).toEqual(['log', 'log', 'settle'])
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'error', 'warn'])
  })
})

test('dead letters, errors of the framework and the end of a worker are lines too', () => {
  const { app, lines } = setUp(() => {})
  const { job: stored } = toDelivery('email.send', SECRET, { attempt: 2, queue: 'mail', tenant: 'acme' })
  const error = new InvalidDataError('email.send', ['to: must be an address'])
  app.emit('dead', { job: stored, reason: 'invalid', error })
  app.emit('scopeError', { job: stored, error: 'thrown' })
  app.emit('scopeError', { error })
  app.emit('brokerError', { workerId: 'w', action: 'receive', error })
  app.emit('drain', { workerId: 'w', running: 3 })
  app.emit('stop', { workerId: 'w' })
  const told = { error: { code: 'INVALID_DATA', name: 'InvalidDataError' } }
  expect(lines).toMatchObject([
    { level: 'error', line: { event: 'dead', ...named, reason: 'invalid', ...told } },
    { level: 'error', line: { event: 'scopeError', ...named, error: { code: 'THROWN_VALUE' } } },
    { level: 'error', line: { event: 'scopeError', ...told } },
    { level: 'error', line: { event: 'brokerError', workerId: 'w', action: 'receive', ...told } },
    { level: 'info', line: { event: 'drain', workerId: 'w', running: 3 } },
    { level: 'info', line: { event: 'stop', workerId: 'w' } },
  ])
  expect(lines[2]?.line).not.toHaveProperty('job')
  expect(JSON.stringify(lines)).not.toContain(SECRET)
})

test('writes to the console unless told otherwise', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await createApp()
    .use(logger())
    .on(job, () => {})
    .run(toDelivery('email.send', ''))
  expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toMatchObject([
    { event: 'settle', job: 'email.send' },
  ])
})

test('a writer that fails fails no job', async () => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {})
  const { run } = setUp(() => 'done', {
    write: () => {
      throw new Error('the disk is full')
    },
  })
  expect(await run()).toEqual({ kind: 'ack', result: 'done' })
  expect(error).toHaveBeenCalledOnce()
})
