import type { QueueStats } from '@isobar/core'
import type { Context } from 'hono'
import type { Access } from './access.ts'
import type { AskBroker } from './ask-broker.ts'
import { assertCan } from './assert-can.ts'
import type { DeadLettersAnswer, JobAnswer, QueuesAnswer } from './contract.ts'
import { toItem } from './dead-letter-item.ts'
import { toHealthAnswer } from './health-answer.ts'
import { MAX_FULL_PAGE, MAX_PAGE, toFull, toLimit, toName, toOptionalName } from './input.ts'
import { LiveStreams } from './live.ts'
import type { Monitor } from './monitor.ts'
import { ANSWER_HEADERS, Refusal, toAnswer } from './refusal.ts'

/** Answers a request that was found to be allowed. */
export type Answerer = (c: Context) => Response | Promise<Response>

/** What answers when somebody only looks, by path. */
export function readingRoutes(
  monitor: Monitor,
  access: Access,
  askBroker: AskBroker,
): Readonly<Record<string, Answerer>> {
  const { broker } = monitor.server
  const streams = new LiveStreams(monitor)
  // Pages that look at the same time look once: figures must not be what a database does.
  let looking: Promise<readonly QueueStats[]> | undefined
  const look = (): Promise<readonly QueueStats[]> => {
    looking ??= askBroker('tell figures', () => broker.stats(monitor.health().queues)).finally(() => {
      looking = undefined
    })
    return looking
  }
  return {
    '/api/health': async ({ req }) => {
      const [write, payloads] = await Promise.all([access.may(req.raw, 'write'), access.may(req.raw, 'payloads')])
      return toAnswer(toHealthAnswer(monitor, { write, payloads }))
    },

    '/api/history': () =>
      new Response(`{"points":[${monitor.pointTexts().join(',')}]}`, {
        headers: { ...ANSWER_HEADERS, 'content-type': 'application/json' },
      }),

    '/api/live': ({ req }) => streams.answer(req.raw),

    '/api/queues': async () => {
      assertCan(broker, 'stats')
      return toAnswer<QueuesAnswer>({ queues: await look() })
    },

    '/api/dead-letters': async ({ req }) => {
      assertCan(broker, 'deadLetter')
      const full = toFull(req.query('payload')) && (await access.may(req.raw, 'payloads'))
      const queue = toOptionalName(req.query('queue'), 'queue')
      const cursor = toOptionalName(req.query('cursor'), 'cursor')
      const limit = toLimit(req.query('limit'), full ? MAX_FULL_PAGE : MAX_PAGE)
      const page = await askBroker('list dead letters', () =>
        broker.deadLetters.list({ limit, ...(queue && { queue }), ...(cursor && { cursor }) }),
      )
      return toAnswer<DeadLettersAnswer>({
        items: page.items.map((letter) => toItem(letter, full)),
        cursor: page.cursor ?? null,
      })
    },

    '/api/jobs/:id': async ({ req }) => {
      assertCan(broker, 'lookup')
      const id = toName(req.param('id'), 'an id')
      const job = await askBroker('look up a job', () => broker.get(id))
      if (!job) throw new Refusal(404, 'NO_JOB', 'there is no such job (any more)')
      if (await access.may(req.raw, 'payloads')) return toAnswer<JobAnswer>({ job })
      const { progress, result, ...rest } = job
      return toAnswer<JobAnswer>({ job: rest })
    },
  }
}
