import type { Broker } from '../../broker.ts'
import type { Worker } from '../../worker/worker.ts'
import { check, equal, rejects } from '../assert.ts'
import { override } from '../override.ts'
import { type PartialJob, SIZE, type WorkerCaseContext, type WorkerTopic } from './context.ts'

/** How long a job of a drain takes that may end, in ms. */
const SLOW_MS = 500

/** Jobs that are done before others run. */
const BEFORE = 50

/** Jobs that wait behind the running ones. */
const WAITING = 200

const slow: PartialJob = { name: 'slow', data: SLOW_MS }

/** Has jobs run until they are aborted, and others wait behind them, in the worker where it may buffer any. */
async function fill(t: WorkerCaseContext): Promise<{ worker: Worker; running: string[] }> {
  // What it buffers depends on how long jobs take: of many, as the first ones may be slow.
  await t.send(...Array.from({ length: BEFORE }, () => ({ name: 'quick' as const })))
  const worker = t.start({ lease: t.settings.leaseMs * 3 })
  await t.settled(worker, BEFORE)
  const running = await t.send(...Array.from({ length: SIZE }, () => ({ name: 'finish' as const })))
  await t.atWork(SIZE)
  await t.send(...Array.from({ length: WAITING }, () => ({ name: 'quick' as const })))
  if (t.broker.can.release === 'free')
    await t.observed.until(() => worker.health().buffered > 0, 'jobs wait in the worker')
  return { worker, running }
}

/** How a worker pauses and stops. */
export const drainCases: WorkerTopic = {
  'running jobs end within the grace': async (t) => {
    await t.send(slow, slow)
    const worker = t.start()
    await t.atWork(2)
    const stopping = worker.stop()
    equal(worker.state, 'draining', 'state meanwhile')
    equal(await stopping, { aborted: 0, unsettled: 0 }, 'report')
    equal(worker.health().counts.done, 2, 'done')
    equal(
      t.observed.starts.map(({ aborts }) => aborts.length),
      [0, 0],
      'aborts',
    )
    equal([t.hooksOf('drain').length, t.hooksOf('stop').length], [1, 1], 'hooks')
    equal(t.hooksOf('drain')[0]?.running, 2, 'jobs that the hook was told of')
  },
  'what waits in the worker goes back uncharged': async (t) => {
    const { worker } = await fill(t)
    await worker.stop({ grace: 10 })
    const { counts } = worker.health()
    equal(counts.done, BEFORE + SIZE, 'done')
    if (t.broker.can.release === 'free') check(counts.released > 0, 'something was handed back')
    await t.checkUncharged(WAITING)
  },
  'at the deadline running jobs are aborted, and go back uncharged': async (t) => {
    const waiting = await t.sendOne({ name: 'wait' })
    const deaf = await t.sendOne({ name: 'deaf' })
    const worker = t.start()
    await t.atWork(2)
    equal(await worker.stop({ grace: 10, abortGrace: 50 }), { aborted: 2, unsettled: 0 }, 'report')
    for (const id of [waiting, deaf]) equal(t.startsOf(id)[0]?.aborts, ['SHUTDOWN'], `aborts of ${id}`)
    equal(worker.health().counts.released, 2, 'released')
    await t.checkUncharged(2)
  },
  'nothing claimed is forgotten: what a receive has claimed when it is aborted goes back': async (t) => {
    const { broker } = t
    let claimed = 0
    const receive: Broker['receive'] = async (want) => {
      const deliveries = await broker.receive(want)
      if (deliveries.length === 0) return deliveries
      claimed = deliveries.length
      t.observed.changed()
      await new Promise<void>((resolve) => {
        if (want.signal.aborted) resolve()
        else want.signal.addEventListener('abort', () => resolve(), { once: true })
      })
      return deliveries
    }
    await t.send({ name: 'quick' }, { name: 'quick' })
    const worker = t.start({}, { broker: override(broker, { receive }) })
    await t.observed.until(() => claimed > 0, 'jobs are claimed')
    equal(await worker.stop(), { aborted: 0, unsettled: 0 }, 'report')
    equal(t.observed.starts.length, 0, 'starts')
    equal(worker.health().counts.released, claimed, 'released')
    await t.checkUncharged(2)
  },
  'a stop can be asked for twice, at once and again': async (t) => {
    await t.sendOne(slow)
    const worker = t.start()
    await t.atWork(1)
    const reports = await Promise.all([worker.stop(), worker.stop(), worker.stop({ grace: 0 })])
    equal(reports, Array(3).fill({ aborted: 0, unsettled: 0 }), 'reports')
    equal(await worker.stop(), { aborted: 0, unsettled: 0 }, 'report of a stopped one')
    equal([t.hooksOf('drain').length, t.hooksOf('stop').length], [1, 1], 'hooks')
    equal(worker.state, 'stopped', 'state')
    await rejects(async () => worker.start(), 'start of a stopped one', 'WORKER_STOPPED')
    await rejects(async () => worker.resume(), 'resume of a stopped one', 'WORKER_STOPPED')
  },
  'one that was never started can be stopped': async (t) => {
    await t.sendOne({ name: 'quick' })
    const worker = t.create()
    equal(await worker.stop(), { aborted: 0, unsettled: 0 }, 'report')
    await t.checkUncharged(1)
  },
  'a stopped one receives no more': async (t) => {
    await t.sendOne({ name: 'quick' })
    const worker = t.start()
    await t.settled(worker, 1)
    await worker.stop()
    await t.sendOne({ name: 'quick' })
    await t.checkUncharged(1)
    equal(t.observed.starts.length, 1, 'starts')
  },
  'a paused one hands back what waits and goes on with what runs; resumed, it does the rest': async (t) => {
    const { worker, running } = await fill(t)
    worker.pause()
    worker.pause()
    const { observed } = t
    await observed.until(() => worker.health().buffered + worker.health().settling === 0, 'the rest is handed back')
    const { active, ready } = await t.stats()
    check(worker.health().running >= SIZE, 'what runs goes on')
    equal([active, ready], [worker.health().running, SIZE + WAITING - active], 'jobs that run and that are ready')
    equal(worker.state, 'paused', 'state')
    worker.resume()
    for (const id of running) await t.broker.cancel(id)
    await t.settled(worker, worker.health().counts.released + BEFORE + WAITING + SIZE)
    const { done, lost } = worker.health().counts
    equal({ done, lost }, { done: BEFORE + WAITING, lost: SIZE }, 'done, and lost as they were cancelled')
  },
}
