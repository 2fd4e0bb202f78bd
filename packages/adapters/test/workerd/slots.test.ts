import { expect, test } from 'vitest'
import type { Act } from './fixtures/slots-jobs.ts'
import { toJobMessage } from './messages.ts'
import { bundleWorker, openWorkerd, type TestMessage, type Workerd } from './open-workerd.ts'

const MAIN = new URL('./fixtures/slots-main.ts', import.meta.url)
const SLOT = new URL('./fixtures/slots-slot.ts', import.meta.url)

/** What the main Worker heard of a job. */
interface Told {
  readonly id: string
  readonly kind: string
  readonly result?: {
    readonly isolate: string
    readonly done: number
    readonly answer: unknown
    readonly attempt: number
  }
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string; readonly cause?: unknown }
  readonly suspect?: boolean
  readonly crashed?: boolean
  readonly reason?: string
  readonly enqueue?: readonly unknown[]
}

async function open(options: Record<string, unknown> = {}, code?: string): Promise<Workerd> {
  return openWorkerd(MAIN, {
    workerLoaders: { LOADER: {} },
    queueProducers: { JOBS: 'jobs', DLQ: 'dead', TOLD: 'told' },
    queueConsumers: { told: { maxBatchTimeout: 0.02 } },
    d1Databases: { DB: 'db' },
    r2Buckets: { BUCKET: 'bucket' },
    kvNamespaces: { KV: 'kv' },
    bindings: { CODE: code ?? (await bundleWorker(SLOT)), OPTIONS: options, GREETING: 'hello' },
  })
}

let last = 0
const act = (data: Act, more: Parameters<typeof toJobMessage>[1] = {}): TestMessage =>
  toJobMessage(data, { id: `${data.do}-${++last}`, ...more })

/** Dispatches a batch; answers what was told of each of its jobs, in their order. */
async function run({ dispatch, ask }: Workerd, messages: readonly TestMessage[]): Promise<Told[]> {
  await dispatch('any', messages)
  const told = await ask<Told[]>('/told')
  return messages.map(({ id }) => told.find((one) => `m:${one.id}` === id) as Told)
}

test('handlers run in slots, with their outcome as it was', async () => {
  const workerd = await open()
  const [ok, thrown, follow] = await run(workerd, [
    act({ do: 'ok' }, { attempts: 2, failures: 1 }),
    act({ do: 'throw' }),
    act({ do: 'follow' }, { id: 'f' }),
  ])
  expect(ok).toMatchObject({ kind: 'ack', result: { isolate: expect.any(String), attempt: 3 } })
  expect(thrown).toMatchObject({
    ...{ kind: 'retry', delayMs: 3_000 },
    error: { name: 'TypeError', message: 'as asked', code: 'E_CODE', cause: { message: 'the cause' } },
  })
  expect(follow).toMatchObject({ kind: 'ack', enqueue: [{ name: 'child', text: '{"of":"f"}' }] })
})

test('at most four isolates serve, each for its jobs: none is lost, repeated or charged', async () => {
  const workerd = await open({ jobs: 10, size: 4 })
  const results: Told[] = []
  const batches = Array.from({ length: 6 }, () => Array.from({ length: 50 }, () => act({ do: 'slow', ms: 1 })))
  // Two invocations at a time share the slots.
  for (let at = 0; at < batches.length; at += 2) {
    const pair = batches.slice(at, at + 2).flat()
    await Promise.all(batches.slice(at, at + 2).map((batch) => workerd.dispatch('any', batch)))
    const told = await workerd.ask<Told[]>('/told')
    for (const { id } of pair) results.push(...told.filter((one) => `m:${one.id}` === id))
  }
  expect(results).toHaveLength(300)
  expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['ack']))
  const byIsolate = Map.groupBy(results, ({ result }) => result?.isolate)
  for (const [, jobs] of byIsolate) expect(jobs.length).toBeLessThanOrEqual(10)
  expect(byIsolate.size).toBeGreaterThanOrEqual(30)
  expect(byIsolate.size).toBeLessThanOrEqual(30 + 8)
})

test('no more isolates have something to do at once than there are slots, those of suspects included', async () => {
  for (const options of [{ size: 2 }, { size: 2, jobs: 1 }]) {
    const workerd = await open(options)
    const jobs = Array.from({ length: 20 }, (_, n) => act({ do: 'span', ms: 5 }, { crashes: n % 3 === 0 ? 1 : 0 }))
    const results = await run(workerd, jobs)
    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(['ack']))
    const spans = results.map(({ result }) => ({ isolate: result?.isolate, span: result?.answer as [number, number] }))
    for (const { span } of spans) {
      const atOnce = spans.filter((other) => other.span[0] <= span[0] && span[0] < other.span[1])
      expect(new Set(atOnce.map(({ isolate }) => isolate)).size).toBeLessThanOrEqual(2)
    }
  }
})

test('with jobs: 1 each has an isolate of its own', async () => {
  const results = await run(await open({ jobs: 1 }), [act({ do: 'ok' }), act({ do: 'ok' }), act({ do: 'ok' })])
  expect(results.map(({ result }) => result?.done)).toEqual([1, 1, 1])
  expect(new Set(results.map(({ result }) => result?.isolate)).size).toBe(3)
})

test('what nobody catches or awaits takes nobody down', async () => {
  const workerd = await open({ size: 1 })
  const results = await run(workerd, [act({ do: 'uncaught' }), act({ do: 'reject' }), act({ do: 'ok' })])
  expect(results.map(({ kind }) => kind)).toEqual(['ack', 'ack', 'ack'])
})

test('a job whose isolate dies is a suspect, uncharged; alone, a crash is charged, and the second is its death', async () => {
  const workerd = await open({ size: 1 })
  const [dies] = await run(workerd, [act({ do: 'die' }, { id: 'a' })])
  expect(dies).toMatchObject({ kind: 'release', suspect: true })
  const [alone] = await run(workerd, [act({ do: 'die' }, { id: 'a', crashes: 1 })])
  expect(alone).toMatchObject({ kind: 'retry', crashed: true, delayMs: 3_000 })
  const [again] = await run(workerd, [act({ do: 'die' }, { id: 'a', crashes: 2, failures: 1 })])
  expect(again).toMatchObject({ kind: 'dead', reason: 'crashed', error: { code: 'JOB_CRASHED' } })
  // A suspect that does nothing wrong is done, in an isolate that did nothing else.
  const [innocent] = await run(workerd, [act({ do: 'ok' }, { crashes: 1 })])
  expect(innocent).toMatchObject({ kind: 'ack', result: { done: 1 } })
})

test('a slot in which a job was cut off does not stay full for ever', async () => {
  const workerd = await open({ size: 1, jobs: 3 })
  const results = await run(workerd, [act({ do: 'die' }), ...Array.from({ length: 8 }, () => act({ do: 'ok' }))])
  expect(results.filter(({ kind }) => kind === 'ack').length).toBeGreaterThanOrEqual(6)
  expect(results.map(({ kind }) => kind)).not.toContain('retry')
  const later = await run(
    workerd,
    Array.from({ length: 8 }, () => act({ do: 'ok' })),
  )
  expect(new Set(later.map(({ kind }) => kind))).toEqual(new Set(['ack']))
})

test('a job whose handler has not begun is no suspect when its slot dies, and not charged when it is alone', async () => {
  const workerd = await open({ size: 1 })
  const jobs = [act({ do: 'unstarted' }), act({ do: 'unstarted' }, { crashes: 1 })]
  const results = await run(workerd, jobs)
  expect(results.map(({ kind, suspect }) => [kind, suspect])).toEqual([
    ['release', undefined],
    ['release', undefined],
  ])
  expect(results.map(({ error }) => error?.code)).toEqual(['SLOT_START', 'SLOT_START'])
})

test('timeouts and aborts reach the handler', async () => {
  const workerd = await open()
  const [late, stuck] = await run(workerd, [act({ do: 'wait' }), act({ do: 'stuck' })])
  expect(late).toMatchObject({ kind: 'retry', error: { code: 'JOB_TIMEOUT' } })
  expect(stuck).toMatchObject({ kind: 'retry', error: { code: 'JOB_TIMEOUT' } })
  const job = (data: Act) => ({
    ...{ id: data.do, name: 'act', queue: 'jobs', priority: 'normal', attempt: 1, crashes: 0, enqueuedAt: 0, dueAt: 0 },
    payload: { text: JSON.stringify(data) },
  })
  const heeds = await workerd.ask<Told & { ms: number }>('/abort', job({ do: 'heed' }))
  expect(heeds).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
  expect(heeds.ms).toBeLessThan(100)
  const ignores = await workerd.ask<Told & { ms: number }>('/abort', job({ do: 'wait' }))
  expect(ignores).toMatchObject({ kind: 'release', error: { code: 'SHUTDOWN' } })
  expect(ignores.ms).toBeLessThan(1_000)
})

test('when the time is up, jobs in slots are aborted; those that had all of it have timed out', async () => {
  const { dispatch } = await open()
  const { explicitAcks, retryMessages } = await dispatch('hurried', [act({ do: 'heed' }), act({ do: 'slow', ms: 400 })])
  expect([explicitAcks.length, retryMessages.map(({ delaySeconds }) => delaySeconds)]).toEqual([0, [3, 3]])
})

test('bindings reach a slot by proxy: D1, R2 with streams, queues, KV; and plain values as they are', async () => {
  const workerd = await open()
  const answerOf = async (data: Act): Promise<unknown> => (await run(workerd, [act(data)]))[0]?.result?.answer
  expect(await answerOf({ do: 'd1' })).toEqual({
    counted: [{ n: 2 }],
    all: [
      { a: 1, b: 'one' },
      { a: 2, b: 'ü' },
    ],
    first: 'ü',
    none: null,
    raw: [
      [1, 'one'],
      [2, 'ü'],
    ],
    failed: expect.stringContaining('no such table'),
  })
  for (const size of [3 * 65_536, 12_000_000])
    expect(await answerOf({ do: 'r2', ms: size })).toEqual({
      ...{ bytes: Math.ceil(size / 65_536) * 65_536, size: Math.ceil(size / 65_536) * 65_536, sum: true },
      ...{ text: 'ünï', type: 'text/plain', of: 'me', kind: 'stream', failed: 'failed', uploaded: true, gone: null },
      keys: ['stream', 'text'],
    })
  expect(await answerOf({ do: 'kv' })).toEqual(['ä', { m: 1 }, ['a']])
  expect(await answerOf({ do: 'vars' })).toEqual(['hello', ['BUCKET', 'DB', 'GREETING', 'KV', 'TOLD']])
  await run(workerd, [act({ do: 'queue' })])
  const heard: unknown[] = []
  while (heard.length < 3) heard.push(...(await workerd.ask<unknown[]>('/told')))
  expect(heard).toEqual(
    expect.arrayContaining([{ body: { event: 'one' } }, { body: { event: 'two' } }, { body: 'three' }]),
  )
})

test('handlers have no network but what they are given, unless it is asked for', async () => {
  const [cut] = await run(await open(), [act({ do: 'fetch' })])
  expect(cut?.result?.answer).toContain('not permitted to access the internet')
})

test('code that does not start: jobs are put back uncharged, and it is said why', async () => {
  const workerd = await open({}, 'throw new Error("a mistake at the top")')
  const [put, again] = await run(workerd, [act({ do: 'ok' }), act({ do: 'ok' })])
  expect(again?.kind).toBe('release')
  expect(put).toMatchObject({
    ...{ kind: 'release', delayMs: 30_000 },
    error: { code: 'SLOT_START', cause: { message: expect.stringContaining('a mistake at the top') } },
  })
  expect(workerd.lines.filter((line) => line.includes('slots cannot start'))).toHaveLength(1)
})

test('a binding that there is not, and too many slots, are told at once', async () => {
  const workerd = await open({ bindings: ['NONE'] })
  expect(await workerd.dispatch('any', [act({ do: 'ok' })])).toMatchObject({
    retryBatch: { retry: true, delaySeconds: 300 },
  })
  expect(workerd.lines.join()).toContain('binding NONE')
})
