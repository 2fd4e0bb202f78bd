import type { Delivery } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseSpec, checkLost, dataOf, idsOf } from './context.ts'

/** A limit above which a case does not try to exceed it, in bytes. */
const TRIED_BYTES = 64_000_000

/** Follow-up jobs: out with the ack, or not at all. */
export const followUpCases: readonly CaseSpec[] = [
  {
    name: 'they go out with the ack',
    needs: ['atomicEnqueue'],
    async run(t) {
      await t.sendOne()
      const next = t.name('next')
      const trace = '{"traceparent":"00"}'
      const enqueue = [t.spec({ queue: next, data: 'a', trace }), t.spec({ queue: next, data: 'b' })]
      const delivery = await t.receiveOne()
      await t.receiveNone('follow-ups before the ack', { queues: [{ name: next, max: 5 }] })
      await t.settled(delivery, { kind: 'ack', enqueue })
      const got = await t.receive(2, { queues: [{ name: next, max: 2 }] })
      equal(got.map((one) => dataOf(one.job.payload)).sort(), ['a', 'b'], 'data of the follow-ups')
      const traces = got.map(({ job }) => job.trace)
      equal(traces.sort(), [trace, undefined].sort(), 'their trace contexts')
      equal(
        got.map((one) => one.job.attempt),
        [1, 1],
        'attempts',
      )
    },
  },
  {
    name: 'they wake who waits',
    needs: ['atomicEnqueue'],
    async run(t) {
      await t.sendOne()
      const delivery = await t.receiveOne()
      const waitMs = t.ms(t.settings.patienceMs)
      const started = Date.now()
      const waiting = t.broker.receive(t.want({ queues: [{ name: t.name('next'), max: 1 }], waitMs }))
      await t.elapse(40)
      await t.settled(delivery, { kind: 'ack', enqueue: [t.spec({ queue: t.name('next') })] })
      equal((await waiting).length, 1, 'follow-ups')
      check(Date.now() - started < waitMs / 2, 'the waiting receive was not woken')
    },
  },
  {
    name: 'they stay away when the ack is lost',
    needs: ['atomicEnqueue'],
    async run(t) {
      await t.sendOne()
      const next = { queues: [{ name: t.name('next'), max: 5 }] }
      const stale = await t.receiveOne({ leaseMs: t.shortLeaseMs })
      const fresh = await t.receiveOne()
      checkLost(
        await t.settle(stale, { kind: 'ack', enqueue: [t.spec({ queue: t.name('next') })] }),
        [[stale, 'lease']],
        'stale ack',
      )
      await t.receiveNone('follow-ups of the stale ack', next)
      await t.settled(fresh, { kind: 'ack' })
      await t.receiveNone('follow-ups in the end', next)
    },
  },
  {
    name: 'their delay counts from the ack',
    needs: ['atomicEnqueue', 'delay'],
    async run(t) {
      await t.sendOne()
      const queues = [{ name: t.name('next'), max: 1 }]
      await t.settled(await t.receiveOne(), {
        kind: 'ack',
        enqueue: [t.spec({ queue: t.name('next'), delayMs: t.ms(200) })],
      })
      const { job } = await t.receiveOne({ queues })
      const delay = job.dueAt - job.enqueuedAt
      check(Math.abs(delay - t.ms(200)) <= 5, `dueAt is ${delay} ms after enqueuedAt, not ${t.ms(200)}`)
    },
  },
  {
    name: 'one whose key is held adds nothing, and the ack counts',
    needs: ['atomicEnqueue', 'dedupe'],
    async run(t) {
      const next = t.name('next')
      const holder = await t.sendOne({ queue: next, key: 'k' })
      const id = await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'ack', enqueue: [t.spec({ queue: next, key: 'k' })] })
      await t.checkState(id, 'done', 'of the job with the follow-up')
      const queues = [{ name: next, max: 5 }]
      equal(idsOf(await t.receive(1, { queues })), [holder], 'ids')
      await t.receiveNone('a second job with the key', { queues })
    },
  },
  {
    name: 'one that the broker cannot take spoils no other ack',
    needs: ['atomicEnqueue'],
    async run(t) {
      const { maxBytes } = t.broker.can
      if (maxBytes > TRIED_BYTES) return
      await t.send({ data: 'good' }, { data: 'bad' })
      const deliveries = await t.receive(2)
      const find = (data: string): Delivery => deliveries.find((one) => dataOf(one.job.payload) === data) as Delivery
      const [good, bad] = [find('good'), find('bad')]
      const next = t.name('next')
      const tooLarge = t.spec({ queue: next, text: `"${'x'.repeat(maxBytes)}"` })
      const endedAt = Date.now()
      const lost = await t.broker.settle([
        {
          delivery: bad,
          outcome: { kind: 'ack', enqueue: [t.spec({ queue: next, data: 'of bad' }), tooLarge] },
          startedAt: endedAt,
          endedAt,
        },
        {
          delivery: good,
          outcome: { kind: 'ack', enqueue: [t.spec({ queue: next, data: 'of good' })] },
          startedAt: endedAt,
          endedAt,
        },
      ])
      checkLost(lost, [], 'settle')
      const queues = [{ name: next, max: 5 }]
      equal(
        (await t.receive(1, { queues })).map((one) => dataOf(one.job.payload)),
        ['of good'],
        'follow-ups',
      )
      await t.receiveNone('follow-ups of the bad ack', { queues })
      await t.checkState(good.job.id, 'done', 'of the good one')
      if (!t.broker.can.lookup) return
      const state = (await t.broker.get(bad.job.id))?.state
      check(
        state !== undefined && state !== 'done',
        `the ack with a follow-up that is too large left its job ${state ?? 'unknown'}`,
      )
    },
  },
]
