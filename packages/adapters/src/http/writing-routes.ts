import type { AskBroker } from './ask-broker.ts'
import { assertCan } from './assert-can.ts'
import type { CountAnswer, DoneAnswer } from './contract.ts'
import { readJson, toName, toSelection } from './input.ts'
import type { Monitor } from './monitor.ts'
import type { Answerer } from './reading-routes.ts'
import { Refusal, toAnswer } from './refusal.ts'

const DONE: DoneAnswer = { done: true }

/** What answers when somebody changes something, by path. */
export function writingRoutes(monitor: Monitor, askBroker: AskBroker): Readonly<Record<string, Answerer>> {
  const { broker } = monitor.server

  const withDeadLetters =
    (action: 'redrive' | 'discard'): Answerer =>
    async ({ req }) => {
      assertCan(broker, 'deadLetter')
      const which = toSelection(await readJson(req.raw))
      const count = await askBroker(`${action} dead letters`, () => broker.deadLetters[action](which))
      return toAnswer<CountAnswer>({ count })
    }

  const withQueue =
    (action: 'pause' | 'resume'): Answerer =>
    async ({ req }) => {
      assertCan(broker, 'pause')
      const queue = toName(req.param('queue'), 'queue')
      const { queues } = monitor.health()
      if (!queues.includes(queue)) throw new Refusal(404, 'NO_QUEUE', 'this worker has no such queue')
      await askBroker(`${action} a queue`, () => broker[action](queue))
      return toAnswer(DONE)
    }

  return {
    '/api/dead-letters/redrive': withDeadLetters('redrive'),
    '/api/dead-letters/discard': withDeadLetters('discard'),
    '/api/queues/:queue/pause': withQueue('pause'),
    '/api/queues/:queue/resume': withQueue('resume'),

    '/api/jobs/:id/cancel': async ({ req }) => {
      assertCan(broker, 'lookup')
      const id = toName(req.param('id'), 'an id')
      if (!(await askBroker('cancel a job', () => broker.cancel(id))))
        throw new Refusal(409, 'NOT_ALIVE', 'the job is neither queued nor running')
      return toAnswer(DONE)
    },

    '/api/recycle': () => {
      const { recycle } = monitor.server
      if (!recycle || !monitor.health().executor.pool)
        throw new Refusal(
          409,
          'NO_ISOLATES',
          'the handlers of this worker run in its own process: there are no isolates',
        )
      monitor.server.recycle?.()
      return toAnswer(DONE)
    },
  }
}
