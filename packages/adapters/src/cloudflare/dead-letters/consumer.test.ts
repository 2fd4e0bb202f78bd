import type { D1Database, ExecutionContext, MessageBatch, Queue } from '@cloudflare/workers-types'
import { expect, test } from 'vitest'
import { deadLetterConsumer } from './consumer.ts'

interface Env {
  readonly DB: D1Database
  readonly JOBS: Queue
}

test('only a D1 binding can be named, and one that is not there is told', async () => {
  // @ts-expect-error a queue is no database
  deadLetterConsumer<Env>({ database: 'JOBS' })
  const consume = deadLetterConsumer<Env>({ database: 'DB' })
  await expect(
    consume({ messages: [], queue: 'dead' } as never as MessageBatch, {} as Env, {} as ExecutionContext),
  ).rejects.toThrow(/the binding DB, for dead letters, is no D1 database/)
})
