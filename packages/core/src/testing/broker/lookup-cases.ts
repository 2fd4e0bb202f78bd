import type { Delivery } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseSpec, checkLost } from './context.ts'

/** `get`, `cancel` and `progress`. */
export const lookupCases: readonly CaseSpec[] = [
  {
    name: 'a job that never was is unknown',
    needs: ['lookup'],
    async run(t) {
      equal(await t.broker.get(t.name('nobody')), undefined, 'status')
      equal(await t.broker.get('no such id, not even by its shape \u{1f600}'), undefined, 'status of a strange id')
    },
  },
  {
    name: 'the status follows the job from queued to done',
    needs: ['lookup'],
    async run(t) {
      const id = await t.sendOne({ name: 'email.send' })
      const waiting = await t.status(id)
      equal(
        [waiting.id, waiting.name, waiting.queue, waiting.state],
        [id, 'email.send', t.name(), 'queued'],
        'while queued',
      )
      equal(
        [waiting.priority, waiting.attempt, waiting.crashes, waiting.workerId],
        ['normal', 1, 0, undefined],
        'while queued',
      )
      check(Math.abs(waiting.dueAt - waiting.enqueuedAt) <= 5, 'dueAt of a job without delay is not enqueuedAt')
      const delivery = await t.receiveOne({ workerId: 'me' })
      const running = await t.status(id)
      equal([running.state, running.workerId, running.endedAt], ['running', 'me', undefined], 'while running')
      await t.settled(delivery, { kind: 'ack' })
      await t.checkState(id, 'done', 'in the end')
    },
  },
  {
    name: 'the status tells when a job is due next',
    needs: ['lookup', 'delay'],
    async run(t) {
      const id = await t.sendOne({ delayMs: 30_000 })
      const { dueAt, enqueuedAt, state } = await t.status(id)
      equal(state, 'queued', 'state')
      check(Math.abs(dueAt - enqueuedAt - 30_000) <= 5, `dueAt is ${dueAt - enqueuedAt} ms after enqueuedAt, not 30000`)
    },
  },
  {
    name: 'the status after a death says why',
    needs: ['lookup'],
    async run(t) {
      const id = await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'dead', reason: 'unrecoverable', error: new Error('no such user') })
      const status = await t.status(id)
      equal([status.state, status.reason, status.error?.message], ['dead', 'unrecoverable', 'no such user'], 'status')
    },
  },
  {
    name: 'progress of a running job is kept, the last of it',
    needs: ['lookup', 'progress'],
    async run(t) {
      const id = await t.sendOne()
      const delivery = await t.receiveOne()
      await t.broker.progress(delivery, 10)
      const value = { done: 1, of: [2] }
      await t.broker.progress(delivery, value)
      value.of.push(3)
      equal((await t.status(id)).progress, { done: 1, of: [2] }, 'progress')
      await t.settled(delivery, { kind: 'ack' })
    },
  },
  {
    name: 'progress after the end changes nothing and does not fail',
    needs: ['lookup', 'progress'],
    async run(t) {
      const id = await t.sendOne()
      const delivery = await t.receiveOne()
      await t.settled(delivery, { kind: 'ack' })
      await t.broker.progress(delivery, 'late')
      await t.checkState(id, 'done', 'after late progress')
      equal((await t.broker.get(id))?.progress, undefined, 'progress')
    },
  },
  {
    name: 'a queued job that is cancelled never runs',
    needs: ['lookup'],
    async run(t) {
      const [first, second] = await t.send({}, {})
      equal(await t.broker.cancel(first?.id as string), true, 'cancel')
      equal((await t.receiveOne()).job.id, second?.id, 'id received')
      await t.receiveNone('the cancelled job')
      await t.checkState(first?.id as string, 'canceled', 'after the cancel')
      equal(await t.broker.cancel(first?.id as string), false, 'second cancel')
    },
  },
  {
    name: 'a delayed job can be cancelled',
    needs: ['lookup', 'delay'],
    async run(t) {
      const id = await t.sendOne({ delayMs: t.ms(60) })
      equal(await t.broker.cancel(id), true, 'cancel')
      await t.receiveNone('the cancelled job', { waitMs: t.ms(150) })
    },
  },
  {
    name: 'the owner of a cancelled job is told when it settles, and nothing comes of it',
    needs: ['lookup'],
    async run(t) {
      const id = await t.sendOne()
      const delivery = await t.receiveOne()
      equal(await t.broker.cancel(id), true, 'cancel')
      checkLost(
        await t.settle(delivery, { kind: 'retry', delayMs: 0, error: new Error('x') }),
        [[delivery, 'canceled']],
        'settle',
      )
      await t.receiveNone('the cancelled job')
      await t.checkState(id, 'canceled', 'in the end')
      equal(await t.broker.cancel(id), false, 'second cancel')
    },
  },
  {
    name: 'the owner of a cancelled job is told when it extends, and again when it settles',
    needs: ['lookup', 'extend'],
    async run(t) {
      await t.send({}, {})
      const [canceled, other] = (await t.receive(2)) as [Delivery, Delivery]
      equal(await t.broker.cancel(canceled.job.id), true, 'cancel')
      checkLost(await t.broker.extend([other, canceled], 60_000), [[canceled, 'canceled']], 'extend')
      checkLost(await t.settle(canceled, { kind: 'ack' }), [[canceled, 'canceled']], 'settle')
      await t.settled(other, { kind: 'ack' })
    },
  },
  {
    name: 'a job cancelled while it ran does not come back when its lease ends',
    needs: ['lookup'],
    async run(t) {
      const id = await t.sendOne()
      await t.receiveOne({ leaseMs: t.shortLeaseMs })
      equal(await t.broker.cancel(id), true, 'cancel')
      await t.receiveNone('the cancelled job', { waitMs: t.shortLeaseMs + t.ms(100) })
      await t.checkState(id, 'canceled', 'after the lease ended')
    },
  },
  {
    name: 'what has ended, or never was, cannot be cancelled',
    needs: ['lookup'],
    async run(t) {
      const [done, dead] = await t.send({}, {})
      const deliveries = await t.receive(2)
      for (const delivery of deliveries) {
        if (delivery.job.id === done?.id) await t.settled(delivery, { kind: 'ack' })
        else await t.settled(delivery, { kind: 'dead', reason: 'exhausted', error: new Error('x') })
      }
      equal(await t.broker.cancel(done?.id as string), false, 'cancel of a done job')
      equal(await t.broker.cancel(dead?.id as string), false, 'cancel of a dead job')
      equal(await t.broker.cancel(t.name('nobody')), false, 'cancel of nobody')
      await t.checkState(dead?.id as string, 'dead', 'of the dead job')
    },
  },
]
