import type { Broker } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { override } from '../override.ts'
import type { WorkerTopic } from './context.ts'

/** How many leases a long job lasts: more than one. */
const LEASES = 1.5

/** Whose a job is, and until when. */
export const leaseCases: WorkerTopic = {
  'heartbeats keep a job that takes longer than its lease': async (t) => {
    const lease = t.settings.leaseMs
    const id = await t.sendOne({ name: 'slow', data: lease * LEASES })
    const worker = t.start({ lease })
    await t.settled(worker, 1)
    equal(worker.health().counts, { done: 1, retried: 0, dead: 0, released: 0, lost: 0 }, 'counts')
    equal(
      t.startsOf(id).map(({ aborts }) => aborts),
      [[]],
      'starts, and aborts of each',
    )
  },
  'a lost lease aborts its job, and the outcome is thrown away': async (t) => {
    const { broker } = t
    let deaf = true
    const extend: Broker['extend'] = (held, leaseMs) =>
      deaf ? Promise.reject(new Error('a heartbeat that does not arrive')) : broker.extend(held, leaseMs)
    let reports = 0
    const settle: Broker['settle'] = (done) => {
      reports += done.length
      return broker.settle(done)
    }
    const id = await t.sendOne({ name: 'finish' })
    const worker = t.start({ lease: t.settings.leaseMs }, { broker: override(broker, { extend, settle }) })
    await t.atWork(1)
    worker.pause()
    const [theirs] = await t.receive()
    check(theirs !== undefined, 'another worker gets the job when its lease has ended')
    equal([theirs.job.id, theirs.job.attempt, theirs.job.crashes], [id, 1, 1], 'id, attempt and crashes')
    deaf = false
    await t.settled(worker, 1)
    const [start] = t.startsOf(id)
    equal(start?.aborts, ['LEASE_LOST'], 'aborts')
    equal(start?.outcome, { kind: 'ack', result: 'finished' }, 'what the handler made of it all the same')
    equal(worker.health().counts, { done: 0, retried: 0, dead: 0, released: 0, lost: 1 }, 'counts')
    equal(reports, 0, 'reports of an outcome')
    equal((await t.status(id))?.state, 'running', 'state')
    equal(await broker.settle([{ delivery: theirs, outcome: { kind: 'ack' }, endedAt: Date.now() }]), [], 'lost')
  },
  'a job that is cancelled while it runs is aborted at the next heartbeat': async (t) => {
    const id = await t.sendOne({ name: 'wait' })
    const worker = t.start({ lease: t.settings.leaseMs * 2 })
    await t.atWork(1)
    equal(await t.broker.cancel(id), true, 'answer of cancel')
    await t.settled(worker, 1)
    equal(
      t.startsOf(id).map(({ aborts }) => aborts),
      [['JOB_CANCELED']],
      'starts, and aborts of each',
    )
    equal(worker.health().counts.lost, 1, 'lost')
    equal((await t.stats()).active, 0, 'jobs that are handed out')
    const state = (await t.status(id))?.state
    check(state === undefined || state === 'canceled', `its state is ${state}`)
  },
  'a job that lost too many workers is dead, and not run': async (t) => {
    const id = await t.sendOne({ name: 'quick' })
    await t.receive({ leaseMs: t.settings.leaseMs })
    const worker = t.start({ maxCrashes: 1 })
    await t.settled(worker, 1)
    equal(t.observed.starts.length, 0, 'starts')
    const { items } = await t.broker.deadLetters.list({ queue: t.queue() })
    equal(
      items.map(({ id, reason, attempts, crashes }) => [id, reason, attempts, crashes]),
      [[id, 'crashed', 0, 1]],
      'dead letters',
    )
    equal(
      t.hooksOf('dead').map(({ job, reason }) => [job.id, reason]),
      [[id, 'crashed']],
      'what the hook was told',
    )
  },
}
