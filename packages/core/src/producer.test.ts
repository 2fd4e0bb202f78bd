import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Capabilities, JobSpec, Sender } from './broker.ts'
import { defineJob } from './job.ts'
import { createProducer } from './producer.ts'

const job = defineJob({ name: 'job', data: z.object({ n: z.number() }) })

const ALL: Capabilities = {
  delay: true,
  priority: 'exact',
  release: 'free',
  dedupe: true,
  extend: true,
  atomicEnqueue: true,
  deadLetter: true,
  stats: true,
  lookup: true,
  pause: true,
  progress: true,
  maxBatch: 3,
  maxBytes: 1_000,
  maxDelayMs: 60_000,
}

function setUp(can: Partial<Capabilities> = {}) {
  const sent: { specs: readonly JobSpec[]; options: unknown }[] = []
  let ids = 0
  const sender: Sender = {
    name: 'test',
    can: { ...ALL, ...can },
    send: async (specs, options) => {
      sent.push({ specs, options })
      return specs.map(({ id }) => ({ id: id ?? `${ids++}`, duplicate: id === 'taken' }))
    },
    get: async (id) => (id === 'known' ? ({ id, name: 'job' } as never) : undefined),
    cancel: async (id) => id === 'known',
  }
  return { sent, jobs: createProducer(sender) }
}

describe('enqueue', () => {
  test('sends a job and answers with its id, and whether its key was taken', async () => {
    const { jobs, sent } = setUp()
    expect(await jobs.enqueue(job, { n: 1 })).toEqual({ id: '0', duplicate: false })
    expect(await jobs.enqueue(job, { n: 2 }, { id: 'taken', key: 'k' })).toEqual({ id: 'taken', duplicate: true })
    expect(sent.map(({ specs }) => specs.map(({ text }) => text))).toEqual([['{"n":1}'], ['{"n":2}']])
  })

  test('passes a transaction on, and nothing where there is none', async () => {
    const { jobs, sent } = setUp()
    const tx = { query: () => {} }
    await jobs.enqueue(job, { n: 1 }, { tx })
    await jobs.enqueue(job, { n: 1 })
    expect(sent.map(({ options }) => options)).toEqual([{ tx }, {}])
    expect(sent[0]?.specs[0]).not.toHaveProperty('tx')
  })

  test.each<[string, Partial<Capabilities>, object, string]>([
    ['delay', { delay: false }, { delay: 1 }, 'UNSUPPORTED'],
    ['a delay longer than it takes', {}, { delay: 60_001 }, 'OPTION'],
    ['key', { dedupe: false }, { key: 'k' }, 'UNSUPPORTED'],
    ['priority', { priority: false }, { priority: 'high' }, 'UNSUPPORTED'],
  ])('says what its broker cannot do: %s', async (_, can, options, code) => {
    const { jobs, sent } = setUp(can)
    await expect(jobs.enqueue(job, { n: 1 }, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/test.*job|job job.*test/),
    })
    expect(await jobs.enqueue(job, { n: 1 })).toBeDefined()
    expect(sent).toHaveLength(1)
  })

  test('counts the bytes that its broker takes', async () => {
    const text = defineJob<string>({ name: 'text' })
    const { jobs } = setUp()
    await expect(jobs.enqueue(text, '€'.repeat(333))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(await jobs.enqueue(text, '€'.repeat(332))).toBeDefined()
  })
})

describe('enqueueMany', () => {
  test('sends batches as large as its broker takes, and answers in order', async () => {
    const { jobs, sent } = setUp()
    const data = Array.from({ length: 7 }, (_, n) => ({ n }))
    const enqueued = await jobs.enqueueMany(job, data, { priority: 'low' })
    expect(enqueued.map(({ id }) => id)).toEqual(['0', '1', '2', '3', '4', '5', '6'])
    expect(sent.map(({ specs }) => specs.length)).toEqual([3, 3, 1])
    expect(sent.flatMap(({ specs }) => specs.map(({ text, priority }) => `${priority} ${text}`))).toEqual(
      data.map(({ n }) => `low {"n":${n}}`),
    )
  })

  test('of nothing sends nothing', async () => {
    const { jobs, sent } = setUp()
    expect(await jobs.enqueueMany(job, [])).toEqual([])
    expect(sent).toEqual([])
  })

  test('checks all before it sends any: against the schema and against the broker', async () => {
    const { jobs, sent } = setUp()
    const good = { n: 1 }
    await expect(jobs.enqueueMany(job, [good, good, good, { n: 'x' } as never])).rejects.toMatchObject({
      code: 'INVALID_DATA',
    })
    const text = defineJob<string>({ name: 'text' })
    await expect(jobs.enqueueMany(text, ['a', 'b', 'c', 'd'.repeat(1_000)])).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
    })
    expect(sent).toEqual([])
  })
})

test('get and cancel ask the broker', async () => {
  const { jobs } = setUp()
  expect(await jobs.get('known')).toMatchObject({ id: 'known' })
  expect(await jobs.get('unknown')).toBeUndefined()
  expect([await jobs.cancel('known'), await jobs.cancel('unknown')]).toEqual([true, false])
})
