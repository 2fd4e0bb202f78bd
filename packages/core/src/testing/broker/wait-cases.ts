import type { Delivery } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseContext, type CaseSpec, idsOf } from './context.ts'

/** How long a waiting receive is given to be under way, in ms. */
const SETTLE_IN_MS = 40

/** Tolerance of timers, in ms. */
const EARLY_MS = 10

/** Checks that a receive which waits gets job `id` because of `event`, well before its wait is over. */
async function checkWakes(t: CaseContext, event: () => Promise<string>): Promise<Delivery> {
  const waitMs = t.ms(t.settings.patienceMs)
  const started = Date.now()
  const waiting = t.broker.receive(t.want({ waitMs }))
  await t.elapse(SETTLE_IN_MS)
  const id = await event()
  const deliveries = await waiting
  equal(idsOf(deliveries), [id], 'ids of the waiting receive')
  const took = Date.now() - started
  check(took < waitMs / 2, `the waiting receive took ${took} ms of its ${waitMs}: it was not woken`)
  return deliveries[0] as Delivery
}

/** A signal that knows how many listeners it has. */
function countingSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController()
  const { signal } = controller
  const held = new Set<unknown>()
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ) => {
    held.add(listener)
    addEventListener.call(signal, type, listener, options)
  }
  signal.removeEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ) => {
    held.delete(listener)
    removeEventListener.call(signal, type, listener, options)
  }
  return { controller, listeners: () => held.size }
}

/** How `receive` waits, and what ends the wait. */
export const waitCases: readonly CaseSpec[] = [
  {
    name: 'an empty queue answers with none after waitMs',
    async run(t) {
      const started = performance.now()
      equal(await t.broker.receive(t.want({ waitMs: t.ms(120) })), [], 'answer')
      const took = performance.now() - started
      check(took >= t.ms(120) - EARLY_MS, `answered after ${took} ms of ${t.ms(120)}`)
    },
  },
  {
    name: 'waitMs 0 does not wait',
    async run(t) {
      const started = performance.now()
      equal(await t.broker.receive(t.want({ waitMs: 0 })), [], 'answer')
      const took = performance.now() - started
      check(took < t.ms(1_000), `took ${took} ms`)
    },
  },
  {
    name: 'a new job wakes who waits',
    async run(t) {
      await checkWakes(t, () => t.sendOne())
    },
  },
  {
    name: 'a new job in any of the queues wakes who waits',
    async run(t) {
      const queues = [t.name('a'), t.name('b')].map((name) => ({ name, max: 1 }))
      const waiting = t.broker.receive(t.want({ queues, waitMs: t.ms(t.settings.patienceMs) }))
      await t.elapse(SETTLE_IN_MS)
      const id = await t.sendOne({ queue: t.name('b') })
      equal(idsOf(await waiting), [id], 'ids')
    },
  },
  {
    name: 'a released job wakes who waits',
    async run(t) {
      const id = await t.sendOne()
      const delivery = await t.receiveOne()
      await checkWakes(t, async () => {
        await t.settled(delivery, { kind: 'release' })
        return id
      })
    },
  },
  {
    name: 'a due time wakes who waits, and not before it',
    needs: ['delay'],
    async run(t) {
      const started = Date.now()
      const { job } = await checkWakes(t, () => t.sendOne({ delayMs: t.ms(150) }))
      const took = Date.now() - started
      check(took >= t.ms(150) - EARLY_MS, `a job delayed by ${t.ms(150)} ms came after ${took}`)
      const delay = job.dueAt - job.enqueuedAt
      check(Math.abs(delay - t.ms(150)) <= 5, `dueAt is ${delay} ms after enqueuedAt, not ${t.ms(150)}`)
    },
  },
  {
    name: 'the end of a lease wakes who waits',
    async run(t) {
      const id = await t.sendOne()
      await t.receiveOne({ leaseMs: t.shortLeaseMs })
      await checkWakes(t, async () => id)
    },
  },
  {
    name: 'a resumed queue wakes who waits',
    needs: ['pause'],
    async run(t) {
      await t.broker.pause(t.name())
      const id = await t.sendOne()
      await checkWakes(t, async () => {
        await t.broker.resume(t.name())
        return id
      })
    },
  },
  {
    name: 'one job wakes one of those who wait',
    async run(t) {
      const controller = new AbortController()
      const { signal } = controller
      const waitMs = t.ms(t.settings.patienceMs)
      const waiting = Array.from({ length: 3 }, () => t.broker.receive(t.want({ waitMs, signal })))
      await t.elapse(SETTLE_IN_MS)
      const id = await t.sendOne()
      await Promise.race(waiting)
      // Whoever is handed the same job is so at about the same time.
      await t.elapse(SETTLE_IN_MS)
      controller.abort()
      equal((await Promise.all(waiting)).flatMap(idsOf), [id], 'ids of all who waited')
    },
  },
  {
    name: 'a signal that is already aborted claims nothing',
    async run(t) {
      const id = await t.sendOne()
      equal(await t.broker.receive(t.want({ signal: AbortSignal.abort(), waitMs: t.ms(1_000) })), [], 'answer')
      const { job } = await t.receiveOne()
      equal([job.id, job.crashes], [id, 0], 'id and crashes afterwards')
    },
  },
  {
    name: 'an abort ends the wait, and what comes later goes to others',
    async run(t) {
      const controller = new AbortController()
      const waitMs = t.ms(t.settings.patienceMs)
      const started = Date.now()
      const waiting = t.broker.receive(t.want({ waitMs, signal: controller.signal }))
      await t.elapse(SETTLE_IN_MS)
      controller.abort()
      equal(await waiting, [], 'answer')
      check(Date.now() - started < waitMs / 2, 'the abort did not end the wait')
      const id = await t.sendOne()
      equal((await t.receiveOne()).job.id, id, 'id afterwards')
    },
  },
  {
    name: 'what an aborted receive claimed is in its answer',
    async run(t) {
      // Aborts race with claims: whichever wins, each job is in the answer or still to be had.
      for (let round = 0; round < 20; round++) {
        const controller = new AbortController()
        const id = await t.sendOne()
        const receiving = t.broker.receive(t.want({ waitMs: t.ms(1_000), signal: controller.signal }))
        if (round % 2) await Promise.resolve()
        controller.abort()
        const deliveries = await receiving
        const rest = deliveries.length ? deliveries : await t.receive(1)
        equal(idsOf(rest), [id], `ids in round ${round}`)
        equal(rest[0]?.job.crashes, 0, 'crashes')
        await t.settled(rest[0] as Delivery, { kind: 'ack' })
      }
    },
  },
  {
    name: 'no listener is left on the signal, however the wait ends',
    async run(t) {
      const { controller, listeners } = countingSignal()
      const want = t.want({ waitMs: t.ms(60), signal: controller.signal })
      equal(await t.broker.receive(want), [], 'answer')
      equal(listeners(), 0, 'listeners after a wait in vain')
      const waiting = t.broker.receive({ ...want, waitMs: t.ms(t.settings.patienceMs) })
      await t.elapse(SETTLE_IN_MS)
      await t.sendOne()
      equal((await waiting).length, 1, 'deliveries')
      equal(listeners(), 0, 'listeners after a delivery')
    },
  },
]
