import { PgBoss } from 'pg-boss'
import { crash } from '../drain/crash.ts'
import type { Address, Queue, Settings } from '../drain/queue.ts'
import type { Work } from '../drain/work.ts'

const QUEUE = 'work'

/** How soon it notices how much there is to do, in s: the shortest it takes. */
const NOTICE_S = 1

/** pg-boss 12. It keeps jobs that are done, for 7 days by default: there is no setting that deletes them at once. */
export async function openPgBoss({ url }: Address, settings: Settings): Promise<Queue> {
  const { batch = 1, concurrency = 1, connections = 10, enqueue = 1_000, partition = 0 } = settings
  const boss = new PgBoss({
    connectionString: url,
    max: connections,
    schedule: false,
    useListenNotify: true,
    monitorIntervalSeconds: NOTICE_S,
    superviseIntervalSeconds: NOTICE_S,
    queueCacheIntervalSeconds: NOTICE_S,
  })
  boss.on('error', crash)
  await boss.start()
  await boss.createQueue(QUEUE, { notify: true, partition: partition > 0 })
  return {
    async enqueue(works) {
      for (let at = 0; at < works.length; at += enqueue) {
        await boss.insert(
          QUEUE,
          works.slice(at, at + enqueue).map((data) => ({ data })),
        )
      }
    },
    async enqueueOne(work) {
      await boss.send(QUEUE, work)
    },
    async work(handle) {
      // It goes on at once while it knows that more is waiting, and this is how it comes to know.
      await boss.supervise(QUEUE)
      const options = {
        batchSize: batch,
        localConcurrency: concurrency,
        burstWhenBatchFull: batch > 1,
        burstWhenReadyExceeds: 1,
      }
      await boss.work<Work>(QUEUE, options, async (jobs) => {
        for (const { data } of jobs) handle(data)
      })
    },
    async isDrained() {
      const { rows } = await boss
        .getDb()
        .executeSql(`select not exists (select from pgboss.job where name = $1 and state < 'completed') as drained`, [
          QUEUE,
        ])
      return rows[0].drained
    },
    [Symbol.asyncDispose]: () => boss.stop(),
  }
}
