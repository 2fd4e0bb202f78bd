import { check, equal } from '../assert.ts'
import { type CaseSpec, dataOf, idsOf } from './context.ts'

/** Jobs and receivers of the race. */
const RACE_JOBS = 2_000
const RACERS = 4

/** What `receive` picks, and in which order. */
export const orderCases: readonly CaseSpec[] = [
  {
    name: 'jobs of a queue come in the order in which they were sent',
    async run(t) {
      for (let n = 0; n < 5; n++) await t.sendOne({ data: n })
      const got: unknown[] = []
      for (let n = 0; n < 5; n++) got.push(dataOf((await t.receiveOne()).job.payload))
      equal(got, [0, 1, 2, 3, 4], 'order')
    },
  },
  {
    name: 'urgent jobs come first within a queue',
    needs: ['priority'],
    async run(t) {
      if (t.broker.can.priority === 'lanes') return
      for (const priority of ['low', 'normal', 'high', 'low', 'normal', 'high'] as const) await t.sendOne({ priority })
      const got = (await t.receive(6)).map((delivery) => delivery.job.priority)
      equal(got, ['high', 'high', 'normal', 'normal', 'low', 'low'], 'priorities in order')
    },
  },
  {
    name: 'an urgent job overtakes what waits already',
    needs: ['priority'],
    async run(t) {
      if (t.broker.can.priority === 'lanes') return
      await t.sendOne({ data: 'normal' })
      await t.sendOne({ data: 'urgent', priority: 'high' })
      equal(dataOf((await t.receiveOne()).job.payload), 'urgent', 'first job')
    },
  },
  {
    name: 'queues come in the order in which they are named, before priority',
    async run(t) {
      const [a, b] = [t.name('a'), t.name('b')]
      await t.sendOne({ queue: b, priority: t.broker.can.priority ? 'high' : 'normal' })
      await t.sendOne({ queue: a })
      await t.sendOne({ queue: b })
      const want = (names: readonly string[]): Parameters<typeof t.receiveOne>[0] => ({
        queues: names.map((name) => ({ name, max: 1 })),
      })
      equal((await t.receiveOne(want([a, b]))).job.queue, a, 'first queue with a named first')
      await t.sendOne({ queue: a })
      equal((await t.receiveOne(want([b, a]))).job.queue, b, 'first queue with b named first')
    },
  },
  {
    name: 'a delayed job that is due comes by its due time',
    needs: ['delay'],
    async run(t) {
      const late = await t.sendOne({ delayMs: t.ms(400) })
      const early = await t.sendOne({ delayMs: t.ms(20) })
      await t.elapse(t.ms(500))
      const [first, second] = [await t.receiveOne(), await t.receiveOne()]
      equal([first.job.id, second.job.id].sort(), [late, early].sort(), 'ids')
      // Not by name: on a slow broker the second may have been sent after the first was due.
      check(first.job.dueAt <= second.job.dueAt, `what was due at ${second.job.dueAt} came after ${first.job.dueAt}`)
    },
  },
  {
    name: 'no more come than asked for in all',
    async run(t) {
      await t.send({}, {}, {}, {})
      const got = await t.broker.receive(t.want({ max: 3, waitMs: t.ms(1_000) }))
      check(got.length > 0 && got.length <= 3, `asked for 3 of 4, got ${got.length}`)
      equal((await t.receive(4 - got.length)).length, 4 - got.length, 'the rest')
    },
  },
  {
    name: 'no more come of a queue than asked for of it',
    async run(t) {
      const [a, b] = [t.name('a'), t.name('b')]
      await t.send({ queue: a }, { queue: a }, { queue: a })
      await t.send({ queue: b }, { queue: b })
      const queues = [
        { name: a, max: 1 },
        { name: b, max: 5 },
      ]
      const got = await t.broker.receive(t.want({ queues, max: 10, waitMs: t.ms(1_000) }))
      const ofA = got.filter((delivery) => delivery.job.queue === a).length
      check(ofA <= 1, `asked for 1 of queue a, got ${ofA}`)
      check(got.length > 0, 'asked for jobs of two queues that have some, got none')
    },
  },
  {
    name: 'a queue of which none is wanted gives none',
    async run(t) {
      await t.sendOne()
      await t.receiveNone('jobs of a queue with max 0', { queues: [{ name: t.name(), max: 0 }] })
      await t.receiveNone('jobs when max is 0', { queues: [{ name: t.name(), max: 5 }], max: 0 })
      await t.receiveOne()
    },
  },
  {
    name: 'a queue that is not named gives none',
    async run(t) {
      await t.sendOne({ queue: t.name('other') })
      await t.receiveNone('jobs of another queue')
    },
  },
  {
    name: 'receivers at once never share a job, and leave none',
    async run(t) {
      const sent: string[] = []
      const chunk = Math.min(500, t.broker.can.maxBatch)
      while (sent.length < RACE_JOBS) {
        const size = Math.min(chunk, RACE_JOBS - sent.length)
        sent.push(...(await t.send(...Array.from({ length: size }, () => ({})))).map((answer) => answer.id))
      }
      const got: string[] = []
      const race = async (workerId: string): Promise<void> => {
        for (;;) {
          const max = Math.min(37, t.broker.can.maxBatch)
          const deliveries = await t.broker.receive(t.want({ max, workerId, waitMs: t.ms(100) }))
          if (!deliveries.length) return
          got.push(...idsOf(deliveries))
          const endedAt = Date.now()
          const lost = await t.broker.settle(
            deliveries.map((delivery) => ({ delivery, outcome: { kind: 'ack' }, startedAt: endedAt, endedAt })),
          )
          equal(lost.length, 0, `deliveries lost by ${workerId}`)
        }
      }
      await Promise.all(Array.from({ length: RACERS }, (_, n) => race(`racer-${n}`)))
      equal(got.length, sent.length, 'deliveries')
      equal(got.sort(), sent.sort(), 'ids')
    },
  },
]
