import type { Dedupe, Delivery } from '../../broker.ts'
import { equal } from '../assert.ts'
import type { CaseContext, CaseSpec } from './context.ts'

const alive: Dedupe = { mode: 'alive' }
const queued: Dedupe = { mode: 'queued' }

const failed = (): Error => new Error('failed')

/** Checks that the key is held by job `id`. */
async function checkHeld(t: CaseContext, id: string, dedupe: Dedupe, when: string): Promise<void> {
  equal(await t.send({ key: 'k', dedupe }), [{ id, duplicate: true }], `answer ${when}`)
}

/** Checks that the key is free, by taking it. Answers the new job's id. */
async function checkFree(t: CaseContext, dedupe: Dedupe, when: string): Promise<string> {
  const [answer] = await t.send({ key: 'k', dedupe })
  equal(answer?.duplicate, false, `duplicate ${when}`)
  return answer?.id as string
}

/** A job that holds the key, and its delivery. */
async function holder(t: CaseContext, dedupe: Dedupe): Promise<[string, Delivery]> {
  const id = await t.sendOne({ key: 'k', dedupe })
  return [id, await t.receiveOne()]
}

/** How a key keeps out others. */
export const dedupeCases: readonly CaseSpec[] = [
  {
    name: 'a key is held while its job is queued or running, also by default',
    needs: ['dedupe'],
    async run(t) {
      const id = await t.sendOne({ key: 'k' })
      await checkHeld(t, id, alive, 'while queued')
      const delivery = await t.receiveOne()
      await checkHeld(t, id, alive, 'while running')
      await t.settled(delivery, { kind: 'ack' })
      await t.receiveNone('jobs that the key kept out')
    },
  },
  {
    name: 'a key is held through retry, release and the end of a lease, which do not collide with it',
    needs: ['dedupe'],
    async run(t) {
      const [id, first] = await holder(t, alive)
      await t.settled(first, { kind: 'retry', delayMs: 0, error: failed() })
      await checkHeld(t, id, alive, 'after a retry')
      await t.settled(await t.receiveOne(), { kind: 'release' })
      await checkHeld(t, id, alive, 'after a release')
      await t.receiveOne({ leaseMs: t.shortLeaseMs })
      const last = await t.receiveOne()
      await checkHeld(t, id, alive, 'after a lease ended')
      equal([last.job.id, last.job.attempt >= 2], [id, true], 'id and attempt')
    },
  },
  {
    name: 'a key is freed by an ack',
    needs: ['dedupe'],
    async run(t) {
      const [, delivery] = await holder(t, alive)
      await t.settled(delivery, { kind: 'ack' })
      await checkFree(t, alive, 'after the ack')
    },
  },
  {
    name: 'a key is freed by death',
    needs: ['dedupe'],
    async run(t) {
      const [, delivery] = await holder(t, alive)
      await t.settled(delivery, { kind: 'dead', reason: 'exhausted', error: failed() })
      await checkFree(t, alive, 'after death')
    },
  },
  {
    name: 'a key is freed by a cancel',
    needs: ['dedupe', 'lookup'],
    async run(t) {
      const waiting = await t.sendOne({ key: 'k' })
      equal(await t.broker.cancel(waiting), true, 'cancel while queued')
      const id = await checkFree(t, alive, 'after a cancel while queued')
      const delivery = await t.receiveOne()
      equal(delivery.job.id, id, 'id')
      equal(await t.broker.cancel(id), true, 'cancel while running')
      await t.settle(delivery, { kind: 'ack' })
      await checkFree(t, alive, 'after a cancel while running')
    },
  },
  {
    name: 'a key counts in its queue only',
    needs: ['dedupe'],
    async run(t) {
      const answers = await t.send({ key: 'k' }, { key: 'k', queue: t.name('other') }, { key: 'l' }, {})
      equal(
        answers.map((answer) => answer.duplicate),
        [false, false, false, false],
        'duplicates',
      )
    },
  },
  {
    name: 'the same key twice in one call is one job',
    needs: ['dedupe'],
    async run(t) {
      const [first, second, third] = await t.send({ key: 'k', data: 1 }, { key: 'k', data: 2 }, { key: 'l' })
      equal([first?.duplicate, second?.duplicate, third?.duplicate], [false, true, false], 'duplicates')
      equal(second?.id, first?.id, 'id of the duplicate')
      await t.receive(2)
      await t.receiveNone('a third job')
    },
  },
  {
    name: 'any text can be a key',
    needs: ['dedupe'],
    async run(t) {
      const keys = ['', ' ', 'a:b', 'ключ 🔑', '__proto__', '%_*?[]{}', "'; --", 'x'.repeat(200)]
      const first = await t.send(...keys.map((key) => ({ key })))
      equal(
        first.map((answer) => answer.duplicate),
        keys.map(() => false),
        'duplicates the first time',
      )
      const second = await t.send(...keys.map((key) => ({ key })))
      equal(
        second,
        first.map(({ id }) => ({ id, duplicate: true })),
        'answers the second time',
      )
    },
  },
  {
    name: 'queued: a key is freed when its job is first handed out',
    needs: ['dedupe'],
    async run(t) {
      const id = await t.sendOne({ key: 'k', dedupe: queued })
      await checkHeld(t, id, queued, 'while queued')
      await t.receiveOne()
      const next = await checkFree(t, queued, 'while running')
      await checkHeld(t, next, queued, 'while the next is queued')
    },
  },
  {
    name: 'queued: a retry neither takes the key again nor collides with it',
    needs: ['dedupe'],
    async run(t) {
      const [id, delivery] = await holder(t, queued)
      const next = await checkFree(t, queued, 'while running')
      await t.settled(delivery, { kind: 'retry', delayMs: 0, error: failed() })
      await checkHeld(t, next, queued, 'after the retry')
      equal((await t.receive(2)).map((one) => one.job.id).sort(), [id, next].sort(), 'ids')
      await checkFree(t, queued, 'after both were handed out')
    },
  },
  {
    name: 'window: a key is held for its time whatever becomes of the job, then free',
    needs: ['dedupe'],
    async run(t) {
      const windowMs = t.ms(400)
      const started = Date.now()
      const [id, delivery] = await holder(t, { mode: 'window', windowMs })
      const held = Date.now()
      await t.settled(delivery, { kind: 'ack' })
      if (Date.now() - started < windowMs / 2) await checkHeld(t, id, { mode: 'window', windowMs }, 'after the ack')
      await t.elapse(held + windowMs + t.ms(50) - Date.now())
      await checkFree(t, { mode: 'window', windowMs }, 'after the window')
    },
  },
  {
    name: 'window: a key is held for its time after death',
    needs: ['dedupe'],
    async run(t) {
      const window: Dedupe = { mode: 'window', windowMs: 60_000 }
      const [id, delivery] = await holder(t, window)
      await t.settled(delivery, { kind: 'dead', reason: 'exhausted', error: failed() })
      await checkHeld(t, id, window, 'after death')
    },
  },
  {
    name: 'window: it ends while the job still waits',
    needs: ['dedupe', 'pause'],
    async run(t) {
      await t.broker.pause(t.name())
      const first = await t.sendOne({ key: 'k', dedupe: { mode: 'window', windowMs: t.ms(100) } })
      await t.elapse(t.ms(160))
      const second = await checkFree(t, { mode: 'window', windowMs: 60_000 }, 'after the window')
      await t.broker.resume(t.name())
      equal((await t.receive(2)).map((one) => one.job.id).sort(), [first, second].sort(), 'ids')
    },
  },
]
