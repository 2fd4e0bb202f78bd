import { check, equal, rejects } from '../assert.ts'
import type { CaseSpec } from './context.ts'

/** How a broker presents itself, and how it ends. */
export const lifecycleCases: readonly CaseSpec[] = [
  {
    name: 'it has a name and says what it can',
    async run(t) {
      const { name, can } = t.broker
      check(typeof name === 'string' && name !== '', 'the broker has no name')
      for (const limit of ['maxBatch', 'maxBytes', 'maxDelayMs'] as const) {
        check(can[limit] > 0 || (limit === 'maxDelayMs' && !can.delay), `can.${limit} is ${can[limit]}`)
      }
      for (const flag of [
        'delay',
        'dedupe',
        'extend',
        'atomicEnqueue',
        'deadLetter',
        'stats',
        'lookup',
        'pause',
        'progress',
      ] as const) {
        equal(typeof can[flag], 'boolean', `type of can.${flag}`)
      }
      check(
        can.priority === 'exact' || can.priority === 'lanes' || can.priority === false,
        `can.priority is ${can.priority}`,
      )
      check(can.release === 'free' || can.release === 'charged', `can.release is ${can.release}`)
    },
  },
  {
    name: 'dispose ends every wait with nothing',
    async run(t) {
      const waitMs = t.ms(t.settings.patienceMs)
      const started = Date.now()
      const waiting = [1, 2].map(() => t.broker.receive(t.want({ waitMs })))
      await t.elapse(40)
      await t.broker[Symbol.asyncDispose]()
      equal(await Promise.all(waiting), [[], []], 'answers of those who waited')
      check(Date.now() - started < waitMs / 2, 'dispose did not end the wait')
    },
  },
  {
    name: 'after dispose every call fails with a coded error',
    async run(t) {
      const { broker } = t
      await t.sendOne()
      const delivery = await t.receiveOne()
      await broker[Symbol.asyncDispose]()
      await rejects(() => t.send({}), 'send')
      await rejects(() => broker.receive(t.want()), 'receive')
      await rejects(() => t.settle(delivery, { kind: 'ack' }), 'settle')
      await rejects(() => broker.extend([delivery], 1_000), 'extend')
      await rejects(() => broker.progress(delivery, 1), 'progress')
      await rejects(() => broker.get(delivery.job.id), 'get')
      await rejects(() => broker.cancel(delivery.job.id), 'cancel')
      await rejects(() => broker.stats([t.name()]), 'stats')
      await rejects(() => broker.pause(t.name()), 'pause')
      await rejects(() => broker.resume(t.name()), 'resume')
      await rejects(() => broker.deadLetters.list(), 'list')
      await rejects(() => broker.deadLetters.redrive({ ids: [] }), 'redrive')
      await rejects(() => broker.deadLetters.discard({ ids: [] }), 'discard')
    },
  },
  {
    name: 'dispose can be called twice, also at once',
    async run(t) {
      await Promise.all([t.broker[Symbol.asyncDispose](), t.broker[Symbol.asyncDispose]()])
      await t.broker[Symbol.asyncDispose]()
    },
  },
]
