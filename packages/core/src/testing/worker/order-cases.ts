import { check, equal } from '../assert.ts'
import { type PartialJob, SIZE, type WorkerCaseContext, type WorkerTopic } from './context.ts'

/** How long a job takes that others run beside, in ms. */
const SLOW_MS = 40

/** The most handlers that were at work at once, of the jobs that are meant. */
function watchMost(t: WorkerCaseContext, queue: string): () => number {
  let most = 0
  t.observed.watch(() => {
    const now = t.observed.starts.filter(
      ({ delivery, progress, outcome }) => delivery.job.queue === queue && progress && !outcome,
    )
    most = Math.max(most, now.length)
  })
  return () => most
}

/** What runs when. */
export const orderCases: WorkerTopic = {
  'urgent jobs start first': async (t) => {
    const jobs = (['low', 'normal', 'high'] as const).flatMap((priority): PartialJob[] => [
      { name: 'quick', priority },
      { name: 'quick', priority },
    ])
    if (t.broker.can.priority !== 'exact') return
    await t.send(...jobs)
    await t.settled(t.start(), jobs.length)
    equal(
      t.observed.starts.map(({ delivery }) => delivery.job.priority),
      ['high', 'high', 'normal', 'normal', 'low', 'low'],
      'priorities in the order of their starts',
    )
  },
  'queues are read in the order in which they are named': async (t) => {
    const queues = [t.queue('first'), t.queue('second')]
    for (const queue of [...queues].reverse()) await t.send({ name: 'quick', queue }, { name: 'quick', queue })
    await t.settled(t.start({ queues }), 4)
    equal(
      t.observed.starts.map(({ delivery }) => queues.indexOf(delivery.job.queue)),
      [0, 0, 1, 1],
      'queues in the order of their starts',
    )
  },
  'no more run at once than the executor has room for, and no fewer': async (t) => {
    const most = watchMost(t, t.queue())
    const jobs = Array.from({ length: SIZE * 2 }, (): PartialJob => ({ name: 'slow', data: SLOW_MS }))
    await t.send(...jobs)
    await t.settled(t.start(), jobs.length)
    equal(most(), SIZE, 'handlers at work at once')
  },
  'a queue keeps its limit, and holds up no other': async (t) => {
    const [limited, other] = [t.queue('limited'), t.queue('other')]
    const most = watchMost(t, limited)
    const slow = { name: 'slow', data: SLOW_MS } as const
    await t.send(...[1, 2, 3].map((): PartialJob => ({ ...slow, queue: limited })), { ...slow, queue: other })
    const worker = t.start({ queues: [{ name: limited, concurrency: 1 }, other] })
    await t.settled(worker, 4)
    equal(most(), 1, 'handlers of the limited queue at work at once')
    const queues = t.observed.starts.map(({ delivery }) => delivery.job.queue)
    check(queues.indexOf(other) < queues.lastIndexOf(limited), 'the other queue did not wait for the limited one')
  },
}
