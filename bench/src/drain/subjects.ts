import type { PlaceKind } from './place.ts'
import type { OpenQueue, Settings } from './queue.ts'

/** A system that is measured, set to what it does best with here. */
export interface Subject {
  /** What to call it in a report. */
  readonly title: string
  readonly place: PlaceKind
  readonly open: OpenQueue
}

/** Everything that is measured, by name. */
export type SubjectName =
  | 'isobar'
  | 'isobar-retain'
  | 'bare-4'
  | 'bare-2'
  | 'bare-1'
  | 'graphile-local'
  | 'boss-500'
  | 'boss-100'
  | 'isobar-embedded'
  | 'isobar-redis'
  | 'bullmq'
  | 'graphile-plain'
  | 'boss-1'
  | 'bullmq-postgres'

/**
 * Every subject; those whose ratios have targets stand side by side. Each is loaded only when it is opened, so that a
 * process holds no other. What was tried for it stands beside its settings: drained jobs a second, on a machine with 2
 * cores.
 */
export const SUBJECTS: Readonly<Record<SubjectName, Subject>> = {
  // 20 at once: 18,000; 100: 20,200; 500: 19,700.
  isobar: inPostgres('isobar', {}, async (address, settings) => {
    const { openIsobar } = await import('../subjects/queue.ts')
    return openIsobar(address, settings)
  }),
  'isobar-retain': inPostgres('isobar, retain 1 h', {}, async (address, settings) => {
    const { openIsobar } = await import('../subjects/queue.ts')
    return openIsobar(address, settings, { retain: '1h' })
  }),
  'bare-4': bareSql('bare SQL, 4 loops', { loops: 4 }),
  'bare-2': bareSql('bare SQL, 2 loops', { loops: 2 }),
  'bare-1': bareSql('bare SQL, 1 loop', { loops: 1 }),
  // A local queue of 500: 18,000; of 1,000: 20,500; of 2,000: 24,700. Completions have to be batched with it;
  // concurrency from 1 to 100 and a delay of 0 to 20 ms change nothing beyond the noise.
  'graphile-local': graphileWorker('graphile-worker, local queue', {
    concurrency: 10,
    localQueue: 2_000,
    completeDelay: 0,
  }),
  // One loop: 9,000; two: 14,000; four: 16,000; eight: the same. A table of the queue's own changes nothing.
  'boss-500': pgBoss('pg-boss, batches of 500', { batch: 500, concurrency: 4 }),
  // One loop: 7,000; two: 10,700; four: 11,400; eight: the same.
  'boss-100': pgBoss('pg-boss, batches of 100', { batch: 100, concurrency: 4 }),
  'isobar-embedded': {
    title: 'isobar, embedded',
    place: 'folder',
    open: async (address, settings) => {
      const { openEmbedded } = await import('../subjects/queue.ts')
      return openEmbedded(address, settings)
    },
  },
  'isobar-redis': {
    title: 'isobar on Redis',
    place: 'redis',
    open: async (address, settings) => {
      const { openRedis } = await import('../subjects/redis-queue.ts')
      return openRedis(address, settings)
    },
  },
  // 50 at once: 9,200; 100: 12,500; 200: 13,000; 500: 11,900.
  bullmq: {
    title: 'BullMQ on Redis',
    place: 'redis',
    open: async (address, settings) => {
      const { openBullmq } = await import('../peers/bullmq.ts')
      return openBullmq(address, { concurrency: 200, ...settings })
    },
  },
  // Its defaults but for the concurrency: of 4, 1,710; of 10, 1,770; of 20, 1,630. Batched completions alone: 2,700.
  'graphile-plain': graphileWorker('graphile-worker, plain', { concurrency: 10 }),
  // Five loops: 730; ten: 800; twenty: 1,130; forty: 900.
  'boss-1': pgBoss('pg-boss, one by one', { batch: 1, concurrency: 20, connections: 20 }),
  // 10 or 50 at once: 1,300; more connections than its 10: fewer jobs.
  'bullmq-postgres': inPostgres('BullMQ on Postgres', { concurrency: 50 }, async (address, settings) => {
    const { openBullmqPostgres } = await import('../peers/bullmq.ts')
    return openBullmqPostgres(address, settings)
  }),
}

function bareSql(title: string, best: Settings): Subject {
  return inPostgres(title, best, async (address, settings) => {
    const { openBareSql } = await import('../peers/bare-sql.ts')
    return openBareSql(address, settings)
  })
}

function graphileWorker(title: string, best: Settings): Subject {
  return inPostgres(title, best, async (address, settings) => {
    const { openGraphileWorker } = await import('../peers/graphile-worker.ts')
    return openGraphileWorker(address, settings)
  })
}

function pgBoss(title: string, best: Settings): Subject {
  return inPostgres(title, best, async (address, settings) => {
    const { openPgBoss } = await import('../peers/pg-boss.ts')
    return openPgBoss(address, settings)
  })
}

function inPostgres(title: string, best: Settings, open: OpenQueue): Subject {
  return { title, place: 'postgres', open: (address, settings) => open(address, { ...best, ...settings }) }
}
