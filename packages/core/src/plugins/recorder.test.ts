import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { codeOf, toDelivery } from '../../test/delivery.ts'
import { failOnUnhandledRejections } from '../../test/no-unhandled-rejections.ts'
import { createApp } from '../app.ts'
import type { Delivery, Outcome, StoredJob } from '../broker.ts'
import type { JobContext } from '../context.ts'
import { defineJob } from '../job.ts'
import {
  DEFAULT_MAX_JOBS,
  DEFAULT_MAX_LINE_BYTES,
  MAX_LINES_IN_FLIGHT,
  type RecorderError,
  type RecorderOptions,
  recorder,
} from './recorder.ts'

failOnUnhandledRejections()
afterEach(() => {
  vi.restoreAllMocks()
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const job = defineJob<unknown>({ name: 'job' })
const NONE = { data: 0, size: 0, write: 0, busy: 0 }

/** An app that is recorded, whose handler answers with the data it sees unless told otherwise. */
function setUp(options: Partial<RecorderOptions> = {}, handler: (ctx: JobContext) => unknown = (ctx) => ctx.data) {
  const lines: string[] = []
  const errors: RecorderError[] = []
  const recording = recorder({
    write: (line) => void lines.push(line),
    onError: (error) => errors.push(error),
    ...options,
  })
  const app = createApp().use(recording).on(job, handler)
  const run = (data: unknown, stored: Partial<StoredJob> = {}): Promise<Outcome> =>
    app.run(toDelivery('job', data, stored))
  const told = (): string[] => errors.map(({ reason, message }) => `${reason}: ${message}`)
  return { app, recording, run, lines, errors, told, stats: () => recording.stats() }
}

const fails = (): never => {
  throw new Error('no')
}
/** Something like a promise that is none. */
const thenable = (then: PropertyDescriptor): object => Object.defineProperty({}, 'then', then)

describe('a line', () => {
  test('has the name, the data and the attempt of a job, and nothing else', async () => {
    const { run, lines, stats } = setUp()
    await run({ to: 'ann' }, { attempt: 3, tenant: 'acme' })
    expect(lines).toEqual(['{"name":"job","data":{"to":"ann"},"attempt":3}'])
    expect(stats()).toEqual({ recorded: 1, skipped: NONE })
  })

  test('is written before the handler runs: the job that ends the process is in it', async () => {
    const { run, lines } = setUp({}, () => lines.length)
    expect(await run(1)).toEqual({ kind: 'ack', result: 1 })
  })

  test('is written for each attempt', async () => {
    const { run, lines } = setUp({}, fails)
    for (const attempt of [1, 2]) expect((await run('x', { attempt })).kind).toBe('retry')
    expect(lines.map((line) => JSON.parse(line).attempt)).toEqual([1, 2])
  })

  test('has the data as it was enqueued, and not as the schema gives it', async () => {
    const lines: string[] = []
    const at = defineJob({ name: 'at', data: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }) })
    const app = createApp()
      .use(recorder({ write: (line) => void lines.push(line), redact: (data) => data }))
      .on(at, (ctx) => ctx.data.at.getTime())
    const data = { at: '2026-01-01T00:00:00Z' }
    expect(await app.run(toDelivery('at', data))).toEqual({ kind: 'ack', result: Date.UTC(2026, 0, 1) })
    expect(JSON.parse(lines[0] as string).data).toEqual(data)
  })

  test('is not written for what never starts', async () => {
    const { app, run, lines } = setUp()
    expect((await run(0, { payload: { text: '{' } })).kind).toBe('dead')
    expect((await run(0, { payload: { bytes: new Uint8Array(1), problem: 'bad' } })).kind).toBe('dead')
    expect((await app.run(toDelivery('unknown'))).kind).toBe('dead')
    expect(lines).toEqual([])
  })

  test('is the same of data that the broker has decoded; none is null, as on the wire', async () => {
    const { run, lines, told, stats } = setUp()
    await run(0, { payload: { value: { n: [1] } } })
    await run(0, { payload: { value: undefined } })
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    for (const value of [10n, () => 1, cycle]) await run(0, { payload: { value } })
    expect(lines.map((line) => JSON.parse(line).data)).toEqual([{ n: [1] }, null])
    expect(stats()).toEqual({ recorded: 2, skipped: { ...NONE, data: 3 } })
    expect(told()).toEqual([
      'data: job job (id 42, queue default) was not recorded: its data cannot be redacted, or JSON cannot write it; further ones are only counted',
    ])
  })

  test('can be recorded where handlers run elsewhere: `record` is a hook', () => {
    const { recording, lines } = setUp()
    recording.record({ job: toDelivery('any', 1).job, startedAt: 0 })
    expect(lines).toEqual(['{"name":"any","data":1,"attempt":1}'])
  })
})

describe('any line', () => {
  const texts = fc
    .tuple(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), fc.constantFrom('\n', '\r\n', '\r'))
    .map(([data, indent, lineBreak]) => JSON.stringify(data, null, indent).replaceAll('\n', lineBreak))
    .filter((text) => !text.includes('__proto__'))
  const names = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })

  test('is one line of JSON that gives the job back, redacted or not', async () => {
    await fc.assert(
      fc.asyncProperty(names, texts, fc.integer({ min: 1 }), fc.boolean(), async (name, text, attempt, redacted) => {
        const lines: string[] = []
        const app = createApp()
          .use(recorder({ write: (line) => lines.push(line), ...(redacted && { redact: (data) => data }) }))
          .on(defineJob<unknown>({ name }), () => {})
        await app.run(toDelivery(name, null, { attempt, payload: { text } }))
        expect(lines).toHaveLength(1)
        expect(lines[0]).not.toMatch(/[\r\n]/)
        expect(JSON.parse(lines[0] as string)).toEqual({ name, data: JSON.parse(text), attempt })
      }),
    )
  })

  /** Spoils whatever it is given, as deep as it goes. */
  const spoil = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const inner of Object.values(value)) spoil(inner)
    for (const key of Object.keys(value)) delete (value as Record<string, unknown>)[key]
    Object.assign(value, { spoilt: true })
  }
  const ends: ((data: unknown) => unknown)[] = [(data) => data, () => {}, fails, async () => {}, () => 10n]

  test('leaves the data that the handler sees as it is, whatever redact does', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), fc.constantFrom(...ends), async (text, decoded, end) => {
        const { run } = setUp({
          redact(data, about) {
            spoil(data)
            spoil(about)
            return end(data)
          },
        })
        const outcome = await run(0, { payload: decoded ? { value: JSON.parse(text) } : { text } })
        expect(outcome).toEqual({ kind: 'ack', result: JSON.parse(text) })
      }),
    )
  })
})

describe('sample', () => {
  test.each([
    [0, 0],
    [0.5, 50],
    [1, 100],
    [undefined, 100],
  ])('%s of 100 jobs: %s', async (sample, count) => {
    let n = 0
    const random = () => (n++ % 100) / 100
    const { run, lines } = setUp({ random, ...(sample !== undefined && { sample }) })
    for (let i = 0; i < 100; i++) await run(i)
    expect(lines).toHaveLength(count)
  })

  test('costs the others nothing: neither redact nor write hears of them', async () => {
    const redact = vi.fn()
    const { run, stats } = setUp({ sample: 0.5, random: () => 0.5, redact })
    await run(1)
    expect(redact).not.toHaveBeenCalled()
    expect(stats()).toEqual({ recorded: 0, skipped: NONE })
  })
})

test.each<Partial<RecorderOptions>>([
  { sample: Number.NaN },
  { sample: -0.01 },
  { sample: 1.01 },
  { maxJobs: 0 },
  { maxJobs: 1.5 },
  { maxJobs: Number.NaN },
  { maxBytes: -1 },
  { maxBytes: Number.NaN },
  { maxBytes: '1 furlong' as never },
])('an option that cannot be is refused: %o', (options) => {
  expect(() => recorder({ write: () => {}, ...options })).toThrow(expect.objectContaining({ code: 'OPTION' }))
})

describe('a recording ends', () => {
  test('after maxJobs lines, however long it is left on, and whatever became of them', async () => {
    const write = vi.fn((line: string) => (line.includes('"bad"') ? fails() : undefined))
    const { run, stats } = setUp({ write, maxJobs: 3 })
    for (const data of ['bad', 2, 3, 4, 5]) await run(data)
    expect(write).toHaveBeenCalledTimes(3)
    expect(stats()).toEqual({ recorded: 2, skipped: { ...NONE, write: 1 } })
  })

  test('after 10,000 by default', async () => {
    const { recording, lines } = setUp()
    const { job: stored } = toDelivery('job')
    for (let i = 0; i < 10_010; i++) recording.record({ job: stored, startedAt: 0 })
    expect(lines).toHaveLength(10_000)
    expect(DEFAULT_MAX_JOBS).toBe(10_000)
  })
})

describe('a line over maxBytes', () => {
  test('is not written, in bytes of UTF-8; the first is told', async () => {
    const exact = new TextEncoder().encode('{"name":"job","data":"éé","attempt":1}').byteLength
    const { run, lines, told, stats } = setUp({ maxBytes: exact })
    for (const data of ['éé', 'ééé', 'éé', 'éééé']) await run(data)
    expect(lines).toHaveLength(2)
    expect(stats()).toEqual({ recorded: 2, skipped: { ...NONE, size: 2 } })
    expect(told()).toEqual([
      `size: job job (id 42, queue default) was not recorded: its line has ${exact + 2} bytes, over maxBytes of ${exact}; further ones are only counted`,
    ])
  })

  test('is one over 64 KiB by default, after redaction', async () => {
    const { run, lines, stats } = setUp({ redact: (data) => (String(data).startsWith('x') ? 'short' : data) })
    await run('x'.repeat(70_000))
    await run('y'.repeat(70_000))
    expect(lines).toEqual(['{"name":"job","data":"short","attempt":1}'])
    expect(stats().skipped.size).toBe(1)
    expect(DEFAULT_MAX_LINE_BYTES).toBe(65_536)
  })
})

describe('redact', () => {
  test('says what is written, knowing the job but for its payload', async () => {
    const redact = vi.fn((data: unknown) => ({ ...(data as object), to: 'x@example.com' }))
    const { run, lines } = setUp({ redact })
    expect(await run({ to: 'ann@example.org', n: 1 }, { tenant: 'acme' })).toMatchObject({
      result: { to: 'ann@example.org' },
    })
    expect(JSON.parse(lines[0] as string).data).toEqual({ to: 'x@example.com', n: 1 })
    const { payload: _, ...about } = toDelivery('job', 0, { tenant: 'acme' }).job
    expect(redact.mock.calls).toEqual([[{ to: 'ann@example.org', n: 1 }, about]])
  })

  test('may change its copy, and give nothing, which is null', async () => {
    const { run, lines } = setUp({
      redact(data) {
        Object.assign(data as object, { to: 'nobody' })
        return (data as { keep: boolean }).keep ? data : undefined
      },
    })
    for (const keep of [true, false]) expect(await run({ keep })).toEqual({ kind: 'ack', result: { keep } })
    expect(lines.map((line) => JSON.parse(line).data)).toEqual([{ keep: true, to: 'nobody' }, null])
  })

  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  test.each<[string, () => unknown]>([
    ['throws', fails],
    ['answers later', async () => 'SECRET'],
    ['answers never', () => new Promise(() => {})],
    ['fails later', () => Promise.reject(new Error('SECRET'))],
    ['gives something like a promise', () => thenable({ value: fails })],
    ['gives what cannot be read', () => thenable({ get: fails })],
    ['gives a bigint', () => 10n],
    ['gives a cycle', () => cycle],
    ['gives a function', () => fails],
    ['gives what fails when it is written', () => ({ toJSON: fails })],
  ])('that %s: the job is not recorded; the first is told, without its data', async (_, redact) => {
    const { run, lines, told, stats } = setUp({ redact })
    for (let i = 0; i < 3; i++) expect((await run('SECRET')).kind).toBe('ack')
    expect(lines).toEqual([])
    expect(stats()).toEqual({ recorded: 0, skipped: { ...NONE, data: 3 } })
    expect(told()).toEqual([
      expect.stringMatching(/^data: job job \(id 42, queue default\) was not recorded: its data cannot be redacted/),
    ])
    expect(told().join()).not.toContain('SECRET')
  })

  test('that failed is the cause of the error', async () => {
    const { run, errors } = setUp({ redact: fails })
    await run(1)
    expect(errors).toMatchObject([{ code: 'RECORDER', reason: 'data', cause: { message: 'no' } }])
  })
})

describe('a sink', () => {
  test.each<[string, () => unknown]>([
    ['throws', fails],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['gives something like a promise that throws', () => thenable({ value: fails })],
    ['gives what cannot be read', () => thenable({ get: fails })],
    ['throws what cannot be read', () => Promise.reject(Object.defineProperty(new Error(), 'message', { get: fails }))],
  ])('that %s fails no job; the first is told', async (_, write) => {
    const { run, told, stats } = setUp({ write })
    for (let i = 0; i < MAX_LINES_IN_FLIGHT + 4; i++) {
      expect(await run(i)).toEqual({ kind: 'ack', result: i })
      await new Promise(setImmediate)
    }
    expect(stats()).toEqual({ recorded: 0, skipped: { ...NONE, write: MAX_LINES_IN_FLIGHT + 4 } })
    expect(told()).toEqual([
      expect.stringMatching(/^write: job job \(id 42, queue default\) was not recorded: write failed \(.+\); further/),
    ])
  })

  test('that never answers holds no job, and a few lines at most', async () => {
    const write = vi.fn(() => new Promise(() => {}))
    const { run, told, stats } = setUp({ write })
    for (let i = 0; i < 100; i++) expect(await run(i)).toEqual({ kind: 'ack', result: i })
    expect(write).toHaveBeenCalledTimes(MAX_LINES_IN_FLIGHT)
    expect(stats()).toEqual({ recorded: 0, skipped: { ...NONE, busy: 100 - MAX_LINES_IN_FLIGHT } })
    expect(told()).toEqual([
      `busy: job job (id 42, queue default) was not recorded: ${MAX_LINES_IN_FLIGHT} lines wait for write to end; further ones are only counted`,
    ])
  })

  test('that answers again goes on', async () => {
    const gate = Promise.withResolvers<void>()
    const { run, stats } = setUp({ write: () => gate.promise })
    for (let i = 0; i <= MAX_LINES_IN_FLIGHT; i++) await run(i)
    expect(stats()).toEqual({ recorded: 0, skipped: { ...NONE, busy: 1 } })
    gate.resolve()
    await new Promise(setImmediate)
    await run('next')
    await new Promise(setImmediate)
    expect(stats()).toEqual({ recorded: MAX_LINES_IN_FLIGHT + 1, skipped: { ...NONE, busy: 1 } })
  })

  test('that answers at once takes any number of jobs that start at once', async () => {
    const { run, stats } = setUp()
    await Promise.all(Array.from({ length: 100 }, (_, i) => run(i)))
    expect(stats()).toEqual({ recorded: 100, skipped: NONE })
  })
})

describe('what kept jobs out', () => {
  test('goes to the console unless told otherwise, a line each reason, with nothing of the payload', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const app = createApp()
      .use(recorder({ write: fails, redact: (data) => (data === 'SECRET' ? fails() : data) }))
      .on(job, () => {})
    for (const data of ['SECRET', 1, 'SECRET', 2]) await app.run(toDelivery('job', data))
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^isobar: job job \(id 42, queue default\) was not recorded: its data cannot be redacted/,
        ),
      ],
      [expect.stringMatching(/^isobar: job job \(id 42, queue default\) was not recorded: write failed \(no\)/)],
    ])
  })

  test.each<[string, () => unknown]>([
    ['throws', fails],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('is lost on an onError that %s, and the job is not', async (_, onError) => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { run } = setUp({ write: () => Promise.reject(new Error('full')), onError })
    expect(await run(1)).toEqual({ kind: 'ack', result: 1 })
    await new Promise(setImmediate)
    expect(error.mock.calls).toEqual([['isobar: onError of the recorder failed']])
  })
})

test('a recorder holds nothing of a job that it has written, nor of one whose line never ends', async () => {
  const watched: WeakRef<object>[] = []
  const { app, stats } = setUp({
    write: () => new Promise(() => {}),
    redact: (data) => data,
    // An error that is kept holds its stack, and that its run.
    onError: () => {},
  })
  const start = async (delivery: Delivery): Promise<void> => {
    watched.push(new WeakRef(delivery.job), new WeakRef(delivery.job.payload))
    expect(codeOf(await app.run(delivery))).toBeUndefined()
  }
  for (let i = 0; i < MAX_LINES_IN_FLIGHT + 4; i++) await start(toDelivery('job', { i }))
  await new Promise(setImmediate)
  collect()
  expect(watched.filter((ref) => ref.deref() !== undefined)).toEqual([])
  expect(stats().skipped.busy).toBe(4)
})
