import type { Delivery, QueueStats } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import type { CaseContext, CaseSpec } from './context.ts'

async function statsOf(t: CaseContext, queue = t.name()): Promise<QueueStats> {
  const [stats] = await t.broker.stats([queue])
  check(stats !== undefined, 'stats answered nothing for a queue')
  return stats
}

/** Pausing and resuming, and the figures of queues. */
export const queueCases: readonly CaseSpec[] = [
  {
    name: 'a paused queue takes jobs and hands none out, until it is resumed',
    needs: ['pause'],
    async run(t) {
      const before = await t.sendOne()
      await t.broker.pause(t.name())
      const after = await t.sendOne()
      await t.receiveNone('jobs of a paused queue')
      await t.broker.resume(t.name())
      equal((await t.receive(2)).map((delivery) => delivery.job.id).sort(), [before, after].sort(), 'ids afterwards')
    },
  },
  {
    name: 'a pause holds back one queue only',
    needs: ['pause'],
    async run(t) {
      const other = t.name('other')
      await t.broker.pause(t.name())
      await t.sendOne()
      const id = await t.sendOne({ queue: other })
      const queues = [
        { name: t.name(), max: 5 },
        { name: other, max: 5 },
      ]
      equal((await t.receiveOne({ queues })).job.id, id, 'id')
      await t.receiveNone('jobs of the paused queue', { queues })
    },
  },
  {
    name: 'what runs in a paused queue can settle, and comes back after the pause',
    needs: ['pause'],
    async run(t) {
      await t.send({}, {})
      const [done, back] = (await t.receive(2)) as [Delivery, Delivery]
      await t.broker.pause(t.name())
      await t.settled(done, { kind: 'ack' })
      await t.settled(back, { kind: 'release' })
      await t.receiveNone('the released job')
      await t.broker.resume(t.name())
      equal((await t.receiveOne()).job.id, back.job.id, 'id afterwards')
    },
  },
  {
    name: 'a pause also holds back what becomes due by the end of a delay or lease',
    needs: ['pause', 'delay'],
    async run(t) {
      await t.sendOne()
      await t.receiveOne({ leaseMs: t.shortLeaseMs })
      await t.sendOne({ delayMs: t.ms(60) })
      await t.broker.pause(t.name())
      await t.receiveNone('jobs of a paused queue', { waitMs: t.shortLeaseMs + t.ms(100) })
      await t.broker.resume(t.name())
      await t.receive(2)
    },
  },
  {
    name: 'pausing and resuming twice is as once',
    needs: ['pause'],
    async run(t) {
      await t.broker.resume(t.name())
      await t.broker.pause(t.name())
      await t.broker.pause(t.name())
      await t.broker.resume(t.name())
      await t.broker.resume(t.name())
      await t.sendOne()
      await t.receiveOne()
    },
  },
  {
    name: 'figures follow the jobs',
    needs: ['stats', 'delay'],
    async run(t) {
      await t.send({}, {}, {}, {}, { delayMs: 60_000 }, { delayMs: 60_000 })
      const figures = async (): Promise<number[]> => {
        const { ready, delayed, active } = await statsOf(t)
        return [ready, delayed, active]
      }
      equal(await figures(), [4, 2, 0], 'ready, delayed, active when all wait')
      const [a, b] = (await t.receive(2)) as [Delivery, Delivery]
      equal(await figures(), [2, 2, 2], 'when two run')
      await t.settled(a, { kind: 'ack' })
      await t.settled(b, { kind: 'retry', delayMs: 60_000, error: new Error('x') })
      equal(await figures(), [2, 3, 0], 'when one is done and one retries later')
    },
  },
  {
    name: 'figures count the dead',
    needs: ['stats', 'deadLetter'],
    async run(t) {
      await t.send({}, {})
      for (const delivery of await t.receive(2))
        await t.settled(delivery, { kind: 'dead', reason: 'exhausted', error: new Error('x') })
      equal((await statsOf(t)).dead, 2, 'dead')
      await t.broker.deadLetters.discard({ queue: t.name() })
      equal((await statsOf(t)).dead, 0, 'dead after discard')
    },
  },
  {
    name: 'a lease that has ended counts as ready again',
    needs: ['stats'],
    async run(t) {
      await t.sendOne()
      await t.receiveOne({ leaseMs: t.shortLeaseMs })
      await t.elapse(t.shortLeaseMs + t.ms(60))
      const { ready, active } = await statsOf(t)
      equal([ready, active], [1, 0], 'ready and active')
    },
  },
  {
    name: 'a delay that has passed counts as ready',
    needs: ['stats', 'delay'],
    async run(t) {
      await t.sendOne({ delayMs: t.ms(50) })
      await t.elapse(t.ms(110))
      const { ready, delayed } = await statsOf(t)
      equal([ready, delayed], [1, 0], 'ready and delayed')
    },
  },
  {
    name: 'the oldest age is that of the due job that waits longest',
    needs: ['stats'],
    async run(t) {
      equal((await statsOf(t)).oldestAgeMs, 0, 'age in an empty queue')
      await t.sendOne()
      await t.elapse(t.ms(120))
      await t.sendOne()
      const age = (await statsOf(t)).oldestAgeMs
      check(age >= t.ms(120) - 10 && age < t.ms(120) + 60_000, `oldest age is ${age} ms after ${t.ms(120)}`)
    },
  },
  {
    name: 'a job that waits for its time has no age',
    needs: ['stats', 'delay'],
    async run(t) {
      await t.sendOne({ delayMs: 60_000 })
      equal((await statsOf(t)).oldestAgeMs, 0, 'oldest age')
    },
  },
  {
    name: 'figures come for every queue asked for, in order, known or not',
    needs: ['stats'],
    async run(t) {
      await t.sendOne()
      const names = [t.name('nobody'), t.name()]
      const stats = await t.broker.stats(names)
      equal(
        stats.map((one) => one.queue),
        names,
        'queues',
      )
      equal(
        stats[0],
        { queue: names[0], ready: 0, delayed: 0, active: 0, dead: 0, oldestAgeMs: 0, paused: false },
        'unknown queue',
      )
      equal(await t.broker.stats([]), [], 'of none')
    },
  },
  {
    name: 'figures tell a pause',
    needs: ['stats', 'pause'],
    async run(t) {
      await t.broker.pause(t.name())
      equal((await statsOf(t)).paused, true, 'paused')
      await t.broker.resume(t.name())
      equal((await statsOf(t)).paused, false, 'paused after resume')
    },
  },
]
