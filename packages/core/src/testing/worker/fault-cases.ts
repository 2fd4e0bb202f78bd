import type { Broker } from '../../broker.ts'
import type { Executor } from '../../executor.ts'
import { check, equal } from '../assert.ts'
import { override } from '../override.ts'
import type { PartialJob, WorkerTopic } from './context.ts'

/** Jobs that run while something fails. */
const JOBS = 10

/** How often each call fails. */
const FAILURES = 2

const jobs = Array.from({ length: JOBS }, (): PartialJob => ({ name: 'quick' }))

/** Fails the first calls, then makes them. */
function failing<Args extends readonly unknown[], Answer>(
  call: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  let failures = 0
  return async (...args) => {
    if (failures++ < FAILURES) throw new Error('the broker is away')
    return call(...args)
  }
}

/** What fails around a worker. */
export const faultCases: WorkerTopic = {
  'a broker that fails for a while loses nothing, and no job runs twice': async (t) => {
    const { broker } = t
    await t.send(...jobs)
    const away = override<Broker>(broker, {
      receive: failing((want) => broker.receive(want)),
      settle: failing((done) => broker.settle(done)),
    })
    const worker = t.start({}, { broker: away })
    await t.settled(worker, JOBS)
    equal(worker.health().counts, { done: JOBS, retried: 0, dead: 0, released: 0, lost: 0 }, 'counts')
    equal(t.observed.starts.length, JOBS, 'starts')
    const actions = new Set(t.hooksOf('brokerError').map(({ action }) => action))
    equal([...actions].sort(), ['receive', 'settle'], 'what the hook was told of')
  },
  'an answer that is lost on its way repeats nothing': async (t) => {
    const { broker } = t
    const queue = t.queue('children')
    let answers = 0
    const settle: Broker['settle'] = async (done) => {
      const answer = await broker.settle(done)
      const isAck = done.some(({ outcome }) => outcome.kind === 'ack')
      if (isAck && answers++ === 0) throw new Error('the connection ended before the answer')
      return answer
    }
    const id = await t.sendOne({ name: 'follow', data: queue })
    const worker = t.start({}, { broker: override(broker, { settle }) })
    await t.settled(worker, 2)
    equal(t.attemptsOf(id), [1, 2], 'attempts')
    equal(answers, 2, 'reports of the ack')
    const { ready, active, delayed } = await t.stats()
    equal({ ready, active, delayed }, { ready: 0, active: 0, delayed: 0 }, 'what the queue has left')
    equal((await t.stats(queue)).ready, 1, 'follow-ups')
  },
  'an executor that fails to start a job gives it back uncharged, and the others run': async (t) => {
    let failed: string | undefined
    const start: Executor['start'] = (delivery, options) => {
      if (failed !== undefined) return t.executor.start(delivery, options)
      failed = delivery.job.id
      throw new Error('it has no memory left')
    }
    await t.send({ name: 'quick' }, { name: 'quick' })
    const worker = t.start({}, { executor: override(t.executor, { start }) })
    await t.settled(worker, 2)
    const { done, released } = worker.health().counts
    equal({ done, released }, { done: 1, released: 1 }, 'counts')
    check(failed !== undefined, 'a start failed')
    const status = await t.status(failed)
    equal([status?.state, status?.crashes], ['queued', 0], 'the job')
    if (t.broker.can.release === 'free') equal(status?.attempt, 1, 'its attempt')
  },
}
