import { OptionError } from '@isobar/core'
import type { RedisOptions } from 'ioredis'
import { type BullmqBroker, RedisBroker } from './broker.ts'
import { Connection } from './connection.ts'
import { type BullmqOptions, toSettings } from './options.ts'

/**
 * A broker on BullMQ's queues in Redis 6.2 or newer: durable, shared by any number of workers and producers, isobar's and
 * BullMQ's. Needs the packages `bullmq` and `ioredis`.
 *
 * A job that isobar enqueues is an ordinary job of BullMQ: workers of BullMQ can do it, dashboards show it, and one that
 * dies is in the queue's `failed` set. A job that a producer of BullMQ enqueues runs here as the job type of its name, with
 * the attempts and the backoff of that type. Jobs without a priority, which BullMQ hands out first, rank as `high`: see the
 * option `priorities`.
 *
 * @example
 * await serve(app, { broker: bullmq('redis://localhost:6379'), concurrency: 50 })
 *
 * @throws {OptionError} for options that cannot be. What is wrong with Redis is told by `ready`, or the first call.
 */
export function bullmq(connection: string | RedisOptions, options: BullmqOptions = {}): BullmqBroker {
  if (!connection) throw new OptionError('bullmq needs a URL or options of ioredis: bullmq(process.env.REDIS_URL)')
  if (typeof connection === 'object' && connection.keyPrefix) {
    throw new OptionError('bullmq takes no keyPrefix of ioredis, which BullMQ does not know; use its own option prefix')
  }
  const settings = toSettings(options)
  return new RedisBroker(new Connection(connection, settings), settings)
}
