import type { Delivery, Settlement } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseSpec, checkLost, dataOf } from './context.ts'

/** What becomes of a job by its outcome. */
export const settleCases: readonly CaseSpec[] = [
  {
    name: 'nothing settled answers nothing',
    async run(t) {
      equal(await t.broker.settle([]), [], 'answer')
    },
  },
  {
    name: 'an ack ends the job and keeps its result',
    async run(t) {
      const id = await t.sendOne()
      const result = { messageId: 'm1', list: [1, null] }
      await t.settled(await t.receiveOne(), { kind: 'ack', result })
      result.list.push(2)
      await t.receiveNone('jobs after the ack')
      await t.checkState(id, 'done', 'after the ack')
      const kept = t.broker.can.lookup ? (await t.broker.get(id))?.result : undefined
      if (kept !== undefined) equal(kept, { messageId: 'm1', list: [1, null] }, 'result')
    },
  },
  {
    name: 'a result that is not JSON does not lose the ack',
    async run(t) {
      const circle: Record<string, unknown> = {}
      circle.self = circle
      const trap = {
        toJSON(): never {
          throw new Error('not to be read')
        },
      }
      const results = [circle, 1n, () => 1, Symbol('s'), undefined, trap]
      await t.send(...results.map(() => ({})))
      const deliveries = await t.receive(results.length)
      const endedAt = Date.now()
      const done = deliveries.map(
        (delivery, n): Settlement => ({ delivery, outcome: { kind: 'ack', result: results[n] }, endedAt }),
      )
      checkLost(await t.broker.settle(done), [], 'settle')
      await t.receiveNone('jobs after the acks')
      for (const { job } of deliveries) await t.checkState(job.id, 'done', 'after the ack')
    },
  },
  {
    name: 'a retry costs an attempt',
    async run(t) {
      const id = await t.sendOne({ data: 'same' })
      for (const attempt of [1, 2, 3]) {
        const delivery = await t.receiveOne()
        equal(
          [delivery.job.id, delivery.job.attempt, delivery.job.crashes],
          [id, attempt, 0],
          'id, attempt and crashes',
        )
        equal(dataOf(delivery.job.payload), 'same', 'data')
        await t.settled(delivery, { kind: 'retry', delayMs: 0, error: new Error('again') })
      }
    },
  },
  {
    name: 'a retry waits its delay, and leaves the first due time alone',
    needs: ['delay'],
    async run(t) {
      await t.sendOne()
      const first = await t.receiveOne()
      const started = Date.now()
      await t.settled(first, { kind: 'retry', delayMs: t.ms(150), error: new Error('again') })
      const second = await t.receiveOne()
      const took = Date.now() - started
      check(took >= t.ms(150) - 10, `a retry in ${t.ms(150)} ms came after ${took}`)
      equal(second.job.dueAt, first.job.dueAt, 'dueAt')
      equal(second.job.enqueuedAt, first.job.enqueuedAt, 'enqueuedAt')
    },
  },
  {
    name: 'the error of a retry is kept',
    needs: ['lookup'],
    async run(t) {
      const id = await t.sendOne()
      const error = Object.assign(new Error('no connection', { cause: new Error('refused') }), { code: 'ECONN' })
      await t.settled(await t.receiveOne(), { kind: 'retry', delayMs: 0, error })
      const status = await t.status(id)
      equal([status.state, status.attempt], ['queued', 2], 'state and attempt')
      const { name, message, code, cause } = status.error ?? { name: '', message: '' }
      equal([name, message, code, cause?.message], ['Error', 'no connection', 'ECONN', 'refused'], 'error')
    },
  },
  {
    name: 'whatever was thrown, the outcome counts',
    async run(t) {
      const hostile = Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('not to be read')
        },
      })
      for (const error of [undefined, null, 'text', { a: 1 }, hostile]) {
        await t.sendOne()
        const delivery = await t.receiveOne()
        await t.settled(delivery, { kind: 'retry', delayMs: 0, error })
        const again = await t.receiveOne()
        equal([again.job.id, again.job.attempt], [delivery.job.id, 2], 'id and attempt')
        await t.settled(again, { kind: 'dead', reason: 'exhausted', error })
      }
      await t.receiveNone('jobs after their deaths')
    },
  },
  {
    name: 'a release costs nothing',
    async run(t) {
      const id = await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'release' })
      const again = await t.receiveOne()
      equal([again.job.id, again.job.crashes], [id, 0], 'id and crashes')
      t.checkUncharged(again, 1, 'after a release')
    },
  },
  {
    name: 'a release waits its delay',
    needs: ['delay'],
    async run(t) {
      await t.sendOne()
      const first = await t.receiveOne()
      const started = Date.now()
      await t.settled(first, { kind: 'release', delayMs: t.ms(150) })
      const second = await t.receiveOne()
      const took = Date.now() - started
      check(took >= t.ms(150) - 10, `a release for ${t.ms(150)} ms came back after ${took}`)
      equal(second.job.dueAt, first.job.dueAt, 'dueAt')
    },
  },
  {
    name: 'a release as a suspect raises the crashes, not the attempt',
    async run(t) {
      await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'release', suspect: true })
      const again = await t.receiveOne()
      equal(again.job.crashes, 1, 'crashes')
      t.checkUncharged(again, 1, 'after a release as a suspect')
    },
  },
  {
    name: 'a retry after a crash raises both the attempt and the crashes',
    async run(t) {
      const id = await t.sendOne()
      const crash = new Error('crashed')
      await t.settled(await t.receiveOne(), { kind: 'retry', delayMs: 0, error: crash, crashed: true })
      const second = await t.receiveOne()
      equal([second.job.id, second.job.attempt, second.job.crashes], [id, 2, 1], 'id, attempt and crashes')
      if (t.broker.can.lookup) {
        const { reason, error } = await t.status(id)
        equal([error?.message, reason], ['crashed', undefined], 'error and reason')
      }
      await t.settled(second, { kind: 'retry', delayMs: 0, error: new Error('again'), crashed: false })
      const third = await t.receiveOne()
      equal([third.job.attempt, third.job.crashes], [3, 1], 'attempt and crashes after a retry without a crash')
    },
  },
  {
    name: 'a dead job is not handed out again',
    async run(t) {
      const id = await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'dead', reason: 'unrecoverable', error: new Error('no') })
      await t.receiveNone('jobs after the death')
      await t.checkState(id, 'dead', 'after the death')
    },
  },
  {
    name: 'settling twice reports the second',
    async run(t) {
      await t.sendOne()
      const delivery = await t.receiveOne()
      await t.settled(delivery, { kind: 'ack' })
      checkLost(
        await t.settle(delivery, { kind: 'retry', delayMs: 0, error: new Error('late') }),
        [[delivery, 'lease']],
        'second settle',
      )
      await t.receiveNone('jobs after both')
    },
  },
  {
    name: 'the same delivery twice in one call counts once',
    async run(t) {
      await t.sendOne()
      const delivery = await t.receiveOne()
      const one: Settlement = { delivery, outcome: { kind: 'ack' }, endedAt: Date.now() }
      checkLost(await t.broker.settle([one, one]), [[delivery, 'lease']], 'settle')
      await t.receiveNone('jobs left')
    },
  },
  {
    name: 'a batch of every outcome, one of them lost, settles the others',
    async run(t) {
      const ids = (await t.send(...Array.from({ length: 5 }, (_, n) => ({ data: n })))).map((answer) => answer.id)
      const byId = new Map((await t.receive(5)).map((delivery) => [delivery.job.id, delivery]))
      const [ack, retry, dead, release, lost] = ids.map((id) => byId.get(id)) as [
        Delivery,
        Delivery,
        Delivery,
        Delivery,
        Delivery,
      ]
      await t.settled(lost, { kind: 'ack' })
      const endedAt = Date.now()
      const error = new Error('failed')
      const reported = await t.broker.settle([
        { delivery: lost, outcome: { kind: 'release' }, endedAt },
        { delivery: ack, outcome: { kind: 'ack' }, startedAt: endedAt, endedAt },
        { delivery: retry, outcome: { kind: 'retry', delayMs: 0, error }, startedAt: endedAt, endedAt },
        { delivery: dead, outcome: { kind: 'dead', reason: 'exhausted', error }, startedAt: endedAt, endedAt },
        { delivery: release, outcome: { kind: 'release' }, endedAt },
      ])
      checkLost(reported, [[lost, 'lease']], 'settle')
      const again = await t.receive(2)
      const attempts = new Map(again.map((delivery) => [delivery.job.id, delivery]))
      equal([...attempts.keys()].sort(), [retry.job.id, release.job.id].sort(), 'ids that came back')
      equal(attempts.get(retry.job.id)?.job.attempt, 2, 'attempt of the retried one')
      t.checkUncharged(attempts.get(release.job.id) as Delivery, 1, 'of the released one')
      await t.checkState(ack.job.id, 'done', 'of the acked one')
      await t.checkState(dead.job.id, 'dead', 'of the dead one')
      await t.receiveNone('further jobs')
    },
  },
]
