import type { Delivery } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseContext, type CaseSpec, checkLost } from './context.ts'

/** Lets a lease end, and a little more. */
const outlive = (t: CaseContext): Promise<void> => t.elapse(t.shortLeaseMs + t.ms(60))

/** A delivery whose lease has ended, and the one of the worker that has the job now. */
async function takeOver(t: CaseContext): Promise<[stale: Delivery, fresh: Delivery]> {
  await t.sendOne()
  const stale = await t.receiveOne({ leaseMs: t.shortLeaseMs, workerId: 'stale' })
  return [stale, await t.receiveOne({ workerId: 'fresh' })]
}

/** Leases, fencing tokens, and what becomes of a delivery that is no longer ours. */
export const leaseCases: readonly CaseSpec[] = [
  {
    name: 'a leased job is handed to nobody else',
    async run(t) {
      await t.sendOne()
      await t.receiveOne()
      await t.receiveNone('jobs while leased')
    },
  },
  {
    name: 'the end of a lease makes the job due again and raises its crashes, not its attempt',
    async run(t) {
      const [stale, fresh] = await takeOver(t)
      equal(fresh.job.id, stale.job.id, 'id')
      equal([stale.job.crashes, fresh.job.crashes], [0, 1], 'crashes before and after')
      t.checkUncharged(fresh, 1, 'after the lease ended')
      check(fresh.leaseUntil > stale.leaseUntil, 'the new lease ends no later than the old one')
    },
  },
  {
    name: 'every lease that ends is counted',
    async run(t) {
      await t.sendOne()
      for (let crashes = 0; crashes < 3; crashes++) {
        equal((await t.receiveOne({ leaseMs: t.shortLeaseMs })).job.crashes, crashes, 'crashes')
      }
    },
  },
  {
    name: 'a stale owner cannot ack: it is told, and the job stays with its new owner',
    async run(t) {
      const [stale, fresh] = await takeOver(t)
      checkLost(await t.settle(stale, { kind: 'ack', result: 'stale' }), [[stale, 'lease']], 'ack of the stale owner')
      await t.checkState(fresh.job.id, 'running', 'after the stale ack')
      await t.settled(fresh, { kind: 'ack', result: 'fresh' })
    },
  },
  {
    name: 'a stale owner cannot retry, release or bury the job',
    async run(t) {
      const [stale, fresh] = await takeOver(t)
      checkLost(
        await t.settle(stale, { kind: 'retry', delayMs: 0, error: new Error('stale') }),
        [[stale, 'lease']],
        'retry',
      )
      checkLost(await t.settle(stale, { kind: 'release', suspect: true }), [[stale, 'lease']], 'release')
      checkLost(
        await t.settle(stale, { kind: 'dead', reason: 'exhausted', error: new Error('stale') }),
        [[stale, 'lease']],
        'dead',
      )
      await t.receiveNone('jobs while the new owner runs it')
      await t.settled(fresh, { kind: 'release' })
      const next = await t.receiveOne()
      equal(next.job.crashes, 1, 'crashes')
      t.checkUncharged(next, 1, 'after the stale outcomes')
    },
  },
  {
    name: 'a stale owner cannot extend',
    needs: ['extend'],
    async run(t) {
      const [stale, fresh] = await takeOver(t)
      checkLost(await t.broker.extend([stale], 60_000), [[stale, 'lease']], 'extend of the stale owner')
      checkLost(await t.broker.extend([fresh], 60_000), [], 'extend of the owner')
    },
  },
  {
    name: 'a stale owner cannot report progress',
    needs: ['progress', 'lookup'],
    async run(t) {
      const [stale, fresh] = await takeOver(t)
      await t.broker.progress(fresh, 'fresh')
      await t.broker.progress(stale, 'stale')
      equal((await t.status(fresh.job.id)).progress, 'fresh', 'progress')
    },
  },
  {
    name: 'a lease that has ended is lost even before anybody takes over',
    async run(t) {
      await t.sendOne()
      const stale = await t.receiveOne({ leaseMs: t.shortLeaseMs })
      await outlive(t)
      checkLost(await t.settle(stale, { kind: 'ack' }), [[stale, 'lease']], 'late ack')
      equal((await t.receiveOne()).job.crashes, 1, 'crashes')
    },
  },
  {
    name: 'a lease that has ended cannot be extended, even before anybody takes over',
    needs: ['extend'],
    async run(t) {
      await t.sendOne()
      const stale = await t.receiveOne({ leaseMs: t.shortLeaseMs })
      await outlive(t)
      checkLost(await t.broker.extend([stale], 60_000), [[stale, 'lease']], 'late extend')
      equal((await t.receiveOne()).job.crashes, 1, 'crashes')
    },
  },
  {
    name: 'an extended lease outlives the first one',
    needs: ['extend'],
    async run(t) {
      await t.sendOne()
      // Longer than other short leases: a stall of the machine between these two calls must not end it.
      const leaseMs = Math.max(t.ms(1_000), t.shortLeaseMs)
      const delivery = await t.receiveOne({ leaseMs })
      checkLost(await t.broker.extend([delivery], 60_000), [], 'extend')
      await t.elapse(leaseMs + t.ms(60))
      await t.receiveNone('jobs after the first lease')
      await t.settled(delivery, { kind: 'ack' })
    },
  },
  {
    name: 'an extended lease ends too, leaseMs from the extension',
    needs: ['extend'],
    async run(t) {
      await t.sendOne()
      const delivery = await t.receiveOne({ leaseMs: 60_000 })
      checkLost(await t.broker.extend([delivery], t.shortLeaseMs), [], 'extend to a shorter lease')
      equal((await t.receiveOne()).job.crashes, 1, 'crashes')
    },
  },
  {
    name: 'extend reports the lost and extends the others',
    needs: ['extend'],
    async run(t) {
      await t.send({}, {}, {})
      const [done, held, other] = (await t.receive(3)) as [Delivery, Delivery, Delivery]
      await t.settled(done, { kind: 'ack' })
      checkLost(await t.broker.extend([held, done, other], 60_000), [[done, 'lease']], 'extend')
      equal(await t.broker.extend([], 60_000), [], 'lost of none')
      await t.settled(held, { kind: 'ack' })
      await t.settled(other, { kind: 'ack' })
    },
  },
  {
    name: 'tokens differ from delivery to delivery',
    async run(t) {
      await t.sendOne()
      const first = await t.receiveOne()
      await t.settled(first, { kind: 'release' })
      const second = await t.receiveOne()
      equal(second.job.id, first.job.id, 'id')
      checkLost(await t.settle(first, { kind: 'ack' }), [[first, 'lease']], 'ack with the first token')
      await t.settled(second, { kind: 'ack' })
    },
  },
]
