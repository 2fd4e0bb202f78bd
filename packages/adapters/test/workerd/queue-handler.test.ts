import { expect, test } from 'vitest'
import type { Act } from './fixtures/consumer.ts'
import { toJobMessage, toMessage } from './messages.ts'
import { openWorkerd, type TestMessage, type Workerd, type WorkerdOptions } from './open-workerd.ts'

const CONSUMER = new URL('./fixtures/consumer.ts', import.meta.url)

/** Queues that nobody reads: what is sent to them is looked at by other tests. */
const BINDINGS: WorkerdOptions = {
  queueProducers: { JOBS: 'jobs', HIGH: 'high', LOW: 'low', FULL: 'full', DLQ: 'dead' },
  d1Databases: { DB: 'db' },
}

const open = (options: WorkerdOptions = {}): Promise<Workerd> => openWorkerd(CONSUMER, { ...BINDINGS, ...options })

const act = (data: Act, more: Parameters<typeof toJobMessage>[1] = {}): TestMessage => toJobMessage(data, more)

test('each message has an outcome of its own, and no failure touches its neighbours', async () => {
  const { dispatch, ask } = await open()
  const result = await dispatch('jobs', [
    act({ do: 'ok' }, { id: 'a' }),
    act({ do: 'throw' }, { id: 'b' }),
    act({ do: 'later' }, { id: 'c' }),
    act({ do: 'undefined' }, { id: 'd', attempts: 2 }),
    act({ do: 'ok' }, { id: 'e' }),
  ])
  expect(result).toMatchObject({ outcome: 'ok', ackAll: false, retryBatch: { retry: false } })
  expect(result.explicitAcks).toEqual(['m:a', 'm:e'])
  expect(result.retryMessages).toEqual(
    expect.arrayContaining([
      // 1 s, then 2 s: exponential by the platform's count of deliveries. 90 s: as the handler said.
      { msgId: 'm:b', delaySeconds: 1 },
      { msgId: 'm:c', delaySeconds: 90 },
      { msgId: 'm:d', delaySeconds: 2 },
    ]),
  )
  const said = await ask<string[]>('/said')
  expect(said.filter((line) => line.startsWith('released'))).toHaveLength(5)
})

test('a backoff that is longer than the platform allows is cut to its limit', async () => {
  const { dispatch } = await open()
  const { retryMessages } = await dispatch('jobs', [act({ do: 'throw' }, { id: 'a', name: 'patient' })])
  expect(retryMessages).toEqual([{ msgId: 'm:a', delaySeconds: 86_400 }])
})

test('what is dead is acked once its dead letter is sent', async () => {
  const { dispatch, ask } = await open({ queueConsumers: { dead: { maxBatchTimeout: 0.05 } } })
  const result = await dispatch('jobs', [
    act({ do: 'throw' }, { id: 'exhausted', attempts: 3 }),
    act({ do: 'never' }, { id: 'never' }),
    act({ do: 'ok' }, { id: 'unknown', name: 'what', dueAt: 0 }),
    toMessage('no envelope', { id: 'unreadable' }),
    toMessage(new Uint8Array([255, 0, 128]), { id: 'bytes' }),
    toMessage({ some: 'object' }, { id: 'object' }),
    toJobMessage(undefined, { id: 'invalid', text: '{' }),
  ])
  expect(result.retryMessages).toEqual([])
  expect(result.explicitAcks).toHaveLength(7)
  const said = await ask<string[]>('/said')
  expect(said.filter((line) => line.startsWith('dead')).sort()).toEqual([
    'dead bytes unreadable',
    'dead exhausted exhausted',
    'dead invalid unreadable',
    'dead never unrecoverable',
    'dead object unreadable',
    'dead unknown unknown',
    'dead unreadable unreadable',
  ])
  const letters = await untilDead(ask, 7)
  expect(letters.map(({ id, reason, attempts }) => `${id} ${reason} ${attempts}`).sort()).toEqual([
    'bytes unreadable 0',
    'exhausted exhausted 3',
    'invalid unreadable 0',
    'never unrecoverable 1',
    'object unreadable 0',
    'unknown unknown 0',
    'unreadable unreadable 0',
  ])
})

test('a message over the limit, whose dead letter no queue takes, stays where it is and touches no neighbour', async () => {
  const { dispatch, ask } = await open({ queueConsumers: { dead: { maxBatchTimeout: 0.05 } } })
  const result = await dispatch('jobs', [
    toMessage('x'.repeat(128_001), { id: 'oversized' }),
    act({ do: 'ok' }, { id: 'neighbour' }),
  ])
  expect(result).toMatchObject({
    explicitAcks: ['m:neighbour'],
    retryMessages: [{ msgId: 'oversized', delaySeconds: 30 }],
  })
  expect(await ask('/said')).toContain('error settle QUEUE_SEND')
})

test('a message of somebody else becomes the job that the mapping says', async () => {
  const { dispatch, ask } = await open()
  const result = await dispatch('jobs', [
    toMessage({ event: 'act', do: 'ok' }, { id: 'theirs' }),
    toMessage({ event: 'act', do: 'throw' }, { id: 'failing' }),
    toMessage({ event: 'bad' }, { id: 'bad' }),
  ])
  expect(result.explicitAcks).toEqual(expect.arrayContaining(['theirs', 'bad']))
  expect(result.retryMessages).toEqual([{ msgId: 'failing', delaySeconds: 1 }])
  expect(await ask('/said')).toEqual(expect.arrayContaining(['act theirs 1 normal on 0', 'dead bad unreadable']))
})

test('urgent messages of a batch go first', async () => {
  const { dispatch, ask } = await open()
  await dispatch('jobs', [
    act({ do: 'ok' }, { id: 'low', priority: 'low' }),
    act({ do: 'ok' }, { id: 'normal' }),
    act({ do: 'ok' }, { id: 'high', priority: 'high' }),
  ])
  const said = (await ask<string[]>('/said')).filter((line) => line.startsWith('act'))
  expect(said.map((line) => line.split(' ')[1])).toEqual(['high', 'normal', 'low'])
})

test('what is put back is sent anew with its counts, and costs no attempt', async () => {
  const { dispatch, ask } = await open({ queueConsumers: { jobs: { maxBatchTimeout: 0.02 } } })
  const { explicitAcks, retryMessages } = await dispatch('other', [
    act({ do: 'backOnce', ms: 1 }, { id: 'a', attempts: 2, failures: 1, tenant: 'acme' }),
  ])
  expect([explicitAcks, retryMessages]).toEqual([['m:a'], []])
  // Its third attempt, twice: two deliveries of the first message, and a failure before that.
  const said = await untilSaid(ask, ['released a'])
  while (said.filter((line) => line.startsWith('act a')).length < 2) said.push(...(await untilSaid(ask, ['act a'])))
  for (const line of said.filter((one) => one.startsWith('act a'))) expect(line).toMatch(/^act a 3 normal/)
})

test('a release that is longer than the platform allows is cut to its limit, uncharged', async () => {
  const { dispatch } = await open()
  const { explicitAcks, retryMessages } = await dispatch('jobs', [act({ do: 'back', ms: 90_000_000 }, { id: 'a' })])
  expect([explicitAcks, retryMessages]).toEqual([['m:a'], []])
})

test('a handler that goes on after it was given up holds nobody up who has not to wait for its place', async () => {
  const { dispatch } = await open()
  const startedAt = Date.now()
  const { explicitAcks, retryMessages } = await dispatch('jobs', [
    act({ do: 'wait' }, { id: 'stuck', name: 'hasty' }),
    ...Array.from({ length: 8 }, () => act({ do: 'slow', ms: 200 })),
  ])
  expect([explicitAcks.length, retryMessages.map(({ msgId }) => msgId)]).toEqual([8, ['m:stuck']])
  expect(Date.now() - startedAt).toBeLessThan(5_000)
})

test('a job that had all the time that there is has timed out: it is charged, and would be dead at last', async () => {
  const { dispatch, ask } = await open()
  const { explicitAcks, retryMessages } = await dispatch('hurried', [act({ do: 'wait' }, { id: 'a' })])
  expect([explicitAcks, retryMessages]).toEqual([[], [{ msgId: 'm:a', delaySeconds: 1 }]])
  expect(await ask('/said')).toContain('aborted a: JOB_TIMEOUT')
})

test('a mapping that answers what cannot be, or throws what cannot be shown, makes a dead letter and nothing else', async () => {
  const { dispatch, ask } = await open()
  const { explicitAcks, outcome } = await dispatch('jobs', [
    toMessage({ event: 5 }, { id: 'number' }),
    toMessage({ event: 'unshowable' }, { id: 'unshowable' }),
    act({ do: 'ok' }, { id: 'neighbour' }),
  ])
  expect([outcome, [...explicitAcks].sort()]).toEqual(['ok', ['m:neighbour', 'number', 'unshowable']])
  expect(await ask('/said')).toEqual(expect.arrayContaining(['dead number unreadable', 'dead unshowable unreadable']))
})

test('what is put back to a queue without a binding costs a delivery', async () => {
  const { dispatch } = await open()
  const { retryMessages } = await dispatch('nowhere', [
    act({ do: 'back' }, { id: 'a', name: 'lonely', queue: 'nowhere' }),
  ])
  expect(retryMessages).toEqual([{ msgId: 'm:a', delaySeconds: 7 }])
})

test('follow-ups go out before the ack; those that cannot be sent make the job dead', async () => {
  const { dispatch, ask } = await open({ queueConsumers: { jobs: { maxBatchTimeout: 0.05 } } })
  const { explicitAcks } = await dispatch('other', [
    act({ do: 'ok', text: 'two' }, { id: 'a' }),
    act({ do: 'ok', text: 'unbound' }, { id: 'b' }),
    act({ do: 'throw', text: 'two' }, { id: 'c' }),
    act({ do: 'ok', text: 'now' }, { id: 'd' }),
  ])
  expect([...explicitAcks].sort()).toEqual(['m:a', 'm:b', 'm:d'])
  const said = await untilSaid(ask, ['act a:1 1 normal', 'act d-now 1 normal', 'dead b unrecoverable'])
  expect(said.filter((line) => line.startsWith('act c:'))).toEqual([])
})

test('a connection lives as long as its invocation, and is shared by its jobs', async () => {
  const { dispatch, ask } = await open()
  await dispatch('jobs', [act({ do: 'ok' }), act({ do: 'throw' })])
  await dispatch('jobs', [act({ do: 'ok' })])
  expect(await ask('/connections')).toEqual([
    { of: 0, closed: true },
    { of: 1, closed: true },
  ])
  expect((await ask<string[]>('/said')).filter((line) => line.includes('(closed)'))).toEqual([])
})

test('when the time is up, what runs is aborted, and what has not begun is handed back: none is charged', async () => {
  const { dispatch, ask } = await open()
  const { explicitAcks, retryMessages } = await dispatch('hurried', [
    act({ do: 'slow', ms: 100 }, { id: 'first' }),
    act({ do: 'wait' }, { id: 'second' }),
    act({ do: 'ok' }, { id: 'third' }),
    act({ do: 'ok' }, { id: 'fourth', name: 'lonely', queue: 'nowhere' }),
  ])
  expect(explicitAcks).toEqual(expect.arrayContaining(['m:first', 'm:second', 'm:third']))
  // Its queue has no binding here: it cannot be sent anew.
  expect(retryMessages).toEqual([{ msgId: 'm:fourth', delaySeconds: 0 }])
  const said = await ask<string[]>('/said')
  expect(said).toEqual(expect.arrayContaining(['act first 1 normal on 0', 'aborted second: SHUTDOWN']))
  expect(said.filter((line) => /third|fourth/.test(line))).toEqual([])
})

test('a message that was lost with its isolate again and again is dead, and not run', async () => {
  const { dispatch, ask } = await open()
  const { explicitAcks, retryMessages } = await dispatch('jobs', [
    act({ do: 'ok' }, { id: 'lost', attempts: 14 }),
    act({ do: 'throw' }, { id: 'maybe', attempts: 13 }),
    // Its releases cost deliveries, as its queue has no binding: nobody can tell.
    act({ do: 'ok' }, { id: 'unbound', name: 'lonely', queue: 'nowhere', attempts: 50 }),
  ])
  expect([explicitAcks.length, retryMessages]).toEqual([3, []])
  const said = await ask<string[]>('/said')
  expect(said.filter((line) => line.startsWith('dead')).sort()).toEqual(['dead lost crashed', 'dead maybe exhausted'])
  expect(said.some((line) => line.startsWith('act lost'))).toBe(false)
})

test('dead letters that come to the app itself do not go round for ever', async () => {
  const { dispatch, ask } = await open()
  const letter = '{"isobarDead":1,"id":"a"}\n{"isobar":1}'
  const result = await dispatch('jobs', [
    toMessage(letter, { id: 'text', attempts: 2 }),
    toMessage(new TextEncoder().encode(letter), { id: 'bytes', attempts: 20 }),
    toMessage({ isobarDead: 1, id: 'a', body: new Date() }, { id: 'v8' }),
  ])
  expect(result.explicitAcks).toEqual([])
  expect(result.retryMessages).toEqual(
    expect.arrayContaining([
      { msgId: 'text', delaySeconds: 60 },
      { msgId: 'bytes', delaySeconds: 3_600 },
      { msgId: 'v8', delaySeconds: 30 },
    ]),
  )
  expect(await ask('/said')).toEqual(Array.from({ length: 3 }, () => 'error settle OPTION'))
})

test('a Worker without the bindings that it names says so, and no message is lost', async () => {
  const without = await openWorkerd(CONSUMER, {
    queueProducers: { JOBS: 'jobs', HIGH: 'high', LOW: 'low', FULL: 'full' },
  })
  const result = await without.dispatch('jobs', [act({ do: 'ok' })])
  // Not at once: it would burn its deliveries before anybody could mend it.
  expect(result).toMatchObject({ outcome: 'ok', explicitAcks: [], retryBatch: { retry: true, delaySeconds: 300 } })
  expect(without.lines.join()).toContain('binding DLQ')
})

async function untilSaid(ask: Workerd['ask'], lines: readonly string[]): Promise<string[]> {
  const all: string[] = []
  while (!lines.every((line) => all.some((said) => said.startsWith(line)))) {
    all.push(...(await ask<string[]>('/said')))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return all
}

async function untilDead(ask: Workerd['ask'], count: number) {
  for (;;) {
    const { items } = await ask<{ items: { id: string; reason: string; attempts: number }[] }>('/dead')
    if (items.length >= count) return items
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
