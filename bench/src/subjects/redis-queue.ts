import { bullmq } from '@isobar/adapters/bullmq'
import type { Address, Queue, Settings } from '../drain/queue.ts'
import { toQueue } from './to-queue.ts'

/** isobar on Redis, by BullMQ. By default it deletes jobs that are done. */
export function openRedis({ url, name }: Address, settings: Settings): Promise<Queue> {
  return toQueue(bullmq(url, { prefix: name }), settings)
}
