import { check, equal } from '../assert.ts'
import { type CaseSpec, dataOf, idsOf } from './context.ts'

/** Most jobs that a case sends in one call. */
const BIG_BATCH = 1_000

/** How far a broker's clock may be from ours, in ms. */
const SKEW_MS = 60_000

/** `send`: what it answers, and what arrives. */
export const sendCases: readonly CaseSpec[] = [
  {
    name: 'nothing sent answers nothing',
    async run(t) {
      equal(await t.broker.send([]), [], 'answer')
    },
  },
  {
    name: 'a job arrives as it was sent',
    async run(t) {
      const before = Date.now()
      const id = await t.sendOne({ name: 'email.send', data: { to: 'a@b' }, tenant: 'acme' })
      const { job, leaseUntil } = await t.receiveOne({ leaseMs: 30_000 })
      const { id: gotId, name, queue, priority, attempt, crashes, tenant } = job
      const expected = {
        id,
        name: 'email.send',
        queue: t.name(),
        priority: 'normal',
        attempt: 1,
        crashes: 0,
        tenant: 'acme',
      }
      equal({ id: gotId, name, queue, priority, attempt, crashes, tenant }, expected, 'job')
      check(Math.abs(job.enqueuedAt - before) < SKEW_MS, `enqueuedAt ${job.enqueuedAt} is not about now, ${before}`)
      check(
        Math.abs(job.dueAt - job.enqueuedAt) <= 5,
        `dueAt ${job.dueAt} of a job without delay is not enqueuedAt ${job.enqueuedAt}`,
      )
      check(
        Math.abs(leaseUntil - 30_000 - before) < SKEW_MS,
        `leaseUntil ${leaseUntil} is not about 30 s from now, ${before}`,
      )
    },
  },
  {
    name: 'a job without a tenant has none',
    async run(t) {
      await t.sendOne()
      equal((await t.receiveOne()).job.tenant, undefined, 'tenant')
    },
  },
  {
    name: 'a trace context comes with every delivery, as it was sent; a job without one has none',
    async run(t) {
      const trace = JSON.stringify({
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        'x "': '漢',
      })
      await t.sendOne({ trace })
      const first = await t.receiveOne()
      equal(first.job.trace, trace, 'trace context')
      await t.settled(first, { kind: 'release' })
      const again = await t.receiveOne()
      equal(again.job.trace, trace, 'trace context of a job that came again')
      await t.settled(again, { kind: 'ack' })
      await t.send({ id: t.name('with'), trace }, { id: t.name('without') })
      const traced = (await t.receive(2)).filter(({ job }) => job.trace === trace)
      equal(idsOf(traced), [t.name('with')], 'which of two jobs with ids of their own has the trace context')
    },
  },
  {
    name: 'every priority arrives as it was sent',
    needs: ['priority'],
    async run(t) {
      await t.send({ priority: 'low' }, { priority: 'high' }, { priority: 'normal' })
      const got = (await t.receive(3)).map((delivery) => delivery.job.priority)
      equal(got.sort(), ['high', 'low', 'normal'], 'priorities')
    },
  },
  {
    name: 'answers come in the order of the jobs, with an id each',
    async run(t) {
      const answers = await t.send({ id: t.name('a') }, {}, { id: t.name('b') }, {})
      equal(
        answers.map((answer) => answer.duplicate),
        [false, false, false, false],
        'duplicates',
      )
      equal([answers[0]?.id, answers[2]?.id], [t.name('a'), t.name('b')], 'chosen ids')
      equal(new Set(answers.map((answer) => answer.id)).size, 4, 'distinct ids')
      equal(idsOf(await t.receive(4)).sort(), answers.map((answer) => answer.id).sort(), 'ids received')
    },
  },
  {
    name: 'the id of a queued or running job is a duplicate, and adds nothing',
    async run(t) {
      const id = t.name('chosen')
      await t.sendOne({ id, data: 'first' })
      equal(await t.send({ id, data: 'again' }), [{ id, duplicate: true }], 'while queued')
      const delivery = await t.receiveOne()
      equal(dataOf(delivery.job.payload), 'first', 'data')
      equal(await t.send({ id, data: 'again' }), [{ id, duplicate: true }], 'while running')
      await t.settled(delivery, { kind: 'ack' })
      await t.receiveNone('jobs left')
    },
  },
  {
    name: 'the same id twice in one call is one job',
    async run(t) {
      const id = t.name('chosen')
      equal(
        await t.send({ id }, { id }),
        [
          { id, duplicate: false },
          { id, duplicate: true },
        ],
        'answers',
      )
      await t.receiveOne()
      await t.receiveNone('second job')
    },
  },
  {
    name: 'a whole batch arrives, each job once',
    async run(t) {
      const size = Math.min(t.broker.can.maxBatch, BIG_BATCH)
      const answers = await t.send(...Array.from({ length: size }, (_, n) => ({ data: n })))
      const deliveries = await t.receive(size)
      equal(idsOf(deliveries).sort(), answers.map((answer) => answer.id).sort(), 'ids')
    },
  },
]
