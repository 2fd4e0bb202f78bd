import type { D1Database, Queue } from '@cloudflare/workers-types'
import { createApp, defineResource } from '@isobar/core'
import { expect, test } from 'vitest'
import { deadLetterConsumer } from './dead-letters/index.ts'
import { toSender, toWorker } from './index.ts'

interface Env {
  readonly JOBS: Queue
  readonly DLQ: Queue<{ some: 'type' }>
  readonly DB: D1Database
  readonly NAME: string
}

const name = defineResource<string>('name')

test('what an environment does not have does not compile', () => {
  const app = createApp<Env>()
  // @ts-expect-error: there is no such binding
  toWorker<Env>(app, { deadLetter: 'NONE' })
  // @ts-expect-error: it is no queue
  toWorker<Env>(app, { deadLetter: 'NAME' })
  // @ts-expect-error: it is no queue
  toWorker<Env>(app, { deadLetter: 'DLQ', queues: { jobs: 'DB' } })
  // @ts-expect-error: the normal lane is missing
  toWorker<Env>(app, { deadLetter: 'DLQ', queues: { jobs: { high: 'JOBS' } } })
  // @ts-expect-error: it is no database
  deadLetterConsumer<Env>({ database: 'JOBS' })
  // @ts-expect-error: there is no such binding
  toSender<Env>({ jobs: 'NONE' }, {} as Env)
  // @ts-expect-error: providers see the environment as it is
  createApp<Env>().provide(name, { lifetime: 'isolate', create: ({ env }) => env.NONE })
  createApp<Env>().provide(name, { lifetime: 'isolate', create: ({ env }) => env.NAME })
  toWorker<Env>(app, { deadLetter: 'DLQ', queues: { jobs: { normal: 'JOBS', high: 'DLQ' } } })
  expect(Object.keys(toWorker<Env>(app, { deadLetter: 'DLQ' }))).toEqual(['queue'])
})
