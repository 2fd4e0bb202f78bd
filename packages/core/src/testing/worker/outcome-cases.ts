import type { Broker } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { override } from '../override.ts'
import { AT_WORK, WORKER_APP_ATTEMPTS, WORKER_APP_RETRY_MS } from '../worker-app.ts'
import type { WorkerTopic } from './context.ts'

/** Jobs of a case that wants many. */
const MANY = 50

/** What becomes of jobs. */
export const outcomeCases: WorkerTopic = {
  'every job is done once, and counted': async (t) => {
    const ids = await t.send(...Array.from({ length: MANY }, (_, data) => ({ name: 'quick' as const, data })))
    const worker = t.start()
    await t.settled(worker, MANY)
    for (const id of ids) equal(t.startsOf(id).length, 1, `starts of ${id}`)
    const results = ids.map((id) => (t.startsOf(id)[0]?.outcome as { result?: unknown } | undefined)?.result)
    equal(results, [...ids.keys()], 'results')
    const { counts, running, buffered, settling } = worker.health()
    equal(counts, { done: MANY, retried: 0, dead: 0, released: 0, lost: 0 }, 'counts')
    equal({ running, buffered, settling }, { running: 0, buffered: 0, settling: 0 }, 'what the worker has left')
    const { ready, active } = await t.stats()
    equal({ ready, active }, { ready: 0, active: 0 }, 'what the queue has left')
    check(ids.length === new Set(ids).size, 'every job has an id of its own')
  },
  'jobs that come later are done, too': async (t) => {
    const worker = t.start()
    await t.sendOne({ name: 'quick' })
    await t.settled(worker, 1)
    await t.sendOne({ name: 'quick' })
    await t.settled(worker, 2)
    equal(worker.health().counts.done, 2, 'done')
  },
  'a failure is tried again after its delay, and charged': async (t) => {
    const id = await t.sendOne({ name: 'fail twice' })
    const worker = t.start()
    await t.settled(worker, 3)
    equal(t.attemptsOf(id), [1, 2, 3], 'attempts')
    const { done, retried } = worker.health().counts
    equal({ done, retried }, { done: 1, retried: 2 }, 'counts')
    const [first] = t.startsOf(id)
    check(
      first?.outcome?.kind === 'retry' && first.outcome.delayMs === WORKER_APP_RETRY_MS,
      'a retry after the delay of its job type',
    )
  },
  'a job whose attempts have all failed is a dead letter that has everything': async (t) => {
    const id = await t.sendOne({ name: 'fail', data: { order: 42 } })
    const worker = t.start()
    await t.settled(worker, WORKER_APP_ATTEMPTS)
    equal(t.attemptsOf(id), [1, 2, 3], 'attempts')
    const { items } = await t.broker.deadLetters.list({ queue: t.queue() })
    equal(
      items.map(({ id, reason, attempts, crashes, error }) => [id, reason, attempts, crashes, error.message]),
      [[id, 'exhausted', WORKER_APP_ATTEMPTS, 0, 'it failed']],
      'dead letters',
    )
    equal(
      t.hooksOf('dead').map(({ job, reason }) => [job.id, reason]),
      [[id, 'exhausted']],
      'what the hook was told',
    )
    equal(worker.health().counts.dead, 1, 'counted as dead')
  },
  'what the handler gives up for good is dead at the first attempt': async (t) => {
    const id = await t.sendOne({ name: 'unrecoverable' })
    await t.settled(t.start(), 1)
    const { items } = await t.broker.deadLetters.list({ queue: t.queue() })
    equal(
      items.map(({ id, reason, attempts }) => [id, reason, attempts]),
      [[id, 'unrecoverable', 1]],
      'dead letters',
    )
  },
  'data that its schema refuses is dead, and holds up nobody': async (t) => {
    const bad = await t.sendOne({ name: 'checked', data: 'no number' })
    await t.sendOne({ name: 'checked', data: 7 })
    const worker = t.start()
    await t.settled(worker, 2)
    const { items } = await t.broker.deadLetters.list({ queue: t.queue() })
    equal(
      items.map(({ id, reason }) => [id, reason]),
      [[bad, 'invalid']],
      'dead letters',
    )
    equal(worker.health().counts.done, 1, 'done')
  },
  'a job that nobody handles goes back uncharged and not at once, and holds up nobody': async (t) => {
    const unknown = await t.sendOne({ name: 'no such job' })
    await t.sendOne({ name: 'quick' })
    const worker = t.start()
    await t.settled(worker, 2)
    const { done, released } = worker.health().counts
    equal({ done, released }, { done: 1, released: 1 }, 'counts')
    const status = await t.status(unknown)
    equal([status?.state, status?.crashes], ['queued', 0], 'the job')
    if (t.broker.can.release === 'free') equal(status?.attempt, 1, 'its attempt')
    equal((await t.stats()).ready, 0, 'jobs that are ready')
  },
  'what a handler puts back is not charged, however often': async (t) => {
    const id = await t.sendOne({ name: 'release' })
    const worker = t.start()
    await t.observed.until(() => worker.health().counts.done === 1, 'the job is done')
    const { released } = worker.health().counts
    check(released > 0, 'it was put back')
    equal(t.startsOf(id).length, released + 1, 'starts')
    if (t.broker.can.release !== 'free') return
    check(
      t.attemptsOf(id).every((attempt) => attempt === 1),
      `its attempts are ${t.attemptsOf(id)}`,
    )
  },
  'a timeout is a charged failure': async (t) => {
    const id = await t.sendOne({ name: 'timeout' })
    const worker = t.start()
    await t.settled(worker, 2)
    equal(t.attemptsOf(id), [1, 2], 'attempts')
    const { done, retried } = worker.health().counts
    equal({ done, retried }, { done: 1, retried: 1 }, 'counts')
    const outcome = t.startsOf(id)[0]?.outcome
    check(outcome?.kind === 'retry', 'the first attempt failed')
    equal((outcome.error as { code?: unknown }).code, 'JOB_TIMEOUT', 'its error')
  },
  'follow-ups go out once, with the ack and not with a failure': async (t) => {
    const queue = t.queue('children')
    await t.sendOne({ name: 'follow', data: queue })
    const worker = t.start()
    await t.settled(worker, 2)
    const { done, retried } = worker.health().counts
    equal({ done, retried }, { done: 1, retried: 1 }, 'counts')
    equal((await t.stats(queue)).ready, 1, 'follow-ups')
  },
  'progress is kept where the broker can': async (t) => {
    const { broker } = t
    if (!broker.can.progress) return
    let told = 0
    const progress: Broker['progress'] = async (delivery, value) => {
      await broker.progress(delivery, value)
      told++
    }
    const id = await t.sendOne({ name: 'wait' })
    t.start({}, { broker: override(broker, { progress }) })
    await t.observed.until(() => told > 0, 'the broker is told of the progress')
    equal((await t.status(id))?.progress, AT_WORK, 'progress')
  },
}
