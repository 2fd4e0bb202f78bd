import type { DeadLetter, DeadReason } from '../../broker.ts'
import { check, equal } from '../assert.ts'
import { type CaseContext, type CaseSpec, checkLost, dataOf } from './context.ts'

/** Time between two deaths whose order a case looks at, in ms. */
const APART_MS = 5

/** Sends jobs and buries them one after the other. Answers their ids, first dead first. */
async function bury(t: CaseContext, count: number, queue = t.name()): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n++) {
    ids.push(await t.sendOne({ queue, data: n }))
    const delivery = await t.receiveOne({ queues: [{ name: queue, max: 1 }] })
    await t.settled(delivery, { kind: 'dead', reason: 'exhausted', error: new Error(`failed ${n}`) })
    await t.elapse(APART_MS)
  }
  return ids
}

async function list(t: CaseContext, queue = t.name()): Promise<readonly DeadLetter[]> {
  return (await t.broker.deadLetters.list({ queue })).items
}

/** Dead letters: kept whole, listed, redriven, discarded. */
export const deadLetterCases: readonly CaseSpec[] = [
  {
    name: 'a dead job is kept with all there is to know',
    needs: ['deadLetter'],
    async run(t) {
      const before = Date.now()
      const data = { to: 'a@b', 'key\u0000': '漢字\u0000', deep: [{ __proto: 1 }] }
      const id = await t.sendOne({ name: 'email.send', data, tenant: 'acme' })
      const delivery = await t.receiveOne()
      const error = Object.assign(new TypeError('no such user', { cause: new Error('404') }), { code: 'NO_USER' })
      await t.settled(delivery, { kind: 'dead', reason: 'unrecoverable', error })
      const [letter, ...rest] = await list(t)
      check(
        letter !== undefined && rest.length === 0,
        `expected one dead letter, got ${rest.length + (letter ? 1 : 0)}`,
      )
      const { name, queue, priority, reason, crashes, redrives, tenant } = letter
      equal([letter.id, name, queue, priority], [id, 'email.send', t.name(), 'normal'], 'id, name, queue and priority')
      equal(
        [reason, crashes, redrives, tenant],
        ['unrecoverable', 0, 0, 'acme'],
        'reason, crashes, redrives and tenant',
      )
      const { error: kept } = letter
      equal(
        [kept.name, kept.message, kept.code, kept.cause?.message],
        ['TypeError', 'no such user', 'NO_USER', '404'],
        'error',
      )
      equal(dataOf(letter.payload), data, 'payload')
      equal(letter.enqueuedAt, delivery.job.enqueuedAt, 'enqueuedAt')
      check(
        letter.diedAt >= letter.enqueuedAt && Math.abs(letter.diedAt - before) < 60_000,
        `diedAt ${letter.diedAt} is not about now`,
      )
    },
  },
  {
    name: 'every reason is kept',
    needs: ['deadLetter'],
    async run(t) {
      const reasons: DeadReason[] = [
        'exhausted',
        'unrecoverable',
        'invalid',
        'invalid-result',
        'unreadable',
        'oversized',
        'unknown',
        'crashed',
      ]
      await t.send(...reasons.map(() => ({})))
      const deliveries = await t.receive(reasons.length)
      for (const [n, delivery] of deliveries.entries()) {
        await t.settled(delivery, { kind: 'dead', reason: reasons[n] as DeadReason, error: new Error('x') })
      }
      equal((await list(t)).map((letter) => letter.reason).sort(), reasons.sort(), 'reasons')
    },
  },
  {
    name: 'the attempts are those charged: with the last one where its handler ran',
    needs: ['deadLetter'],
    async run(t) {
      const [ran, never] = await t.send({}, {})
      const error = new Error('x')
      for (const delivery of await t.receive(2)) await t.settled(delivery, { kind: 'retry', delayMs: 0, error })
      const endedAt = Date.now()
      for (const delivery of await t.receive(2)) {
        const started = delivery.job.id === ran?.id ? { startedAt: endedAt } : {}
        checkLost(
          await t.broker.settle([
            { delivery, outcome: { kind: 'dead', reason: 'exhausted', error }, endedAt, ...started },
          ]),
          [],
          'settle',
        )
      }
      const attempts = new Map((await list(t)).map((letter) => [letter.id, letter.attempts]))
      equal(attempts.get(ran?.id as string), 2, 'attempts of the one that ran')
      equal(attempts.get(never?.id as string), 1, 'attempts of the one that never started')
    },
  },
  {
    name: 'crashes are kept',
    needs: ['deadLetter'],
    async run(t) {
      await t.sendOne()
      await t.settled(await t.receiveOne(), { kind: 'release', suspect: true })
      await t.settled(await t.receiveOne(), { kind: 'dead', reason: 'crashed', error: new Error('x') })
      equal(
        (await list(t)).map((letter) => letter.crashes),
        [1],
        'crashes',
      )
    },
  },
  {
    name: 'pages come newest first and miss nothing',
    needs: ['deadLetter'],
    async run(t) {
      const ids = await bury(t, 5)
      const seen: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < 10; page++) {
        const answer = await t.broker.deadLetters.list({
          queue: t.name(),
          limit: 2,
          ...(cursor !== undefined && { cursor }),
        })
        check(answer.items.length <= 2, `a page of 2 has ${answer.items.length}`)
        seen.push(...answer.items.map((letter) => letter.id))
        cursor = answer.cursor
        if (cursor === undefined) break
      }
      equal(cursor, undefined, 'cursor of the last page')
      equal(seen, ids.reverse(), 'ids, newest first')
    },
  },
  {
    name: 'a death between two pages shows nothing twice',
    needs: ['deadLetter'],
    async run(t) {
      const ids = await bury(t, 4)
      const first = await t.broker.deadLetters.list({ queue: t.name(), limit: 2 })
      await bury(t, 1)
      const second = await t.broker.deadLetters.list({ queue: t.name(), limit: 2, cursor: first.cursor as string })
      equal(
        [...first.items, ...second.items].map((letter) => letter.id),
        ids.reverse(),
        'ids',
      )
    },
  },
  {
    name: 'a list is of one queue where asked for, else of all',
    needs: ['deadLetter'],
    async run(t) {
      const [a] = await bury(t, 1)
      const [b] = await bury(t, 1, t.name('other'))
      equal(
        (await list(t)).map((letter) => letter.id),
        [a],
        'ids of the queue',
      )
      const all = (await t.broker.deadLetters.list({ limit: 1_000 })).items.map((letter) => letter.id)
      check(all.includes(a as string) && all.includes(b as string), 'the list of all queues lacks some')
      equal(await list(t, t.name('nobody')), [], 'list of an unknown queue')
    },
  },
  {
    name: 'a redriven job starts anew under its id',
    needs: ['deadLetter'],
    async run(t) {
      const data = { n: 1 }
      const id = await t.sendOne({ data, tenant: 'acme', trace: '{}' })
      await t.settled(await t.receiveOne(), { kind: 'retry', delayMs: 0, error: new Error('x') })
      await t.settled(await t.receiveOne(), { kind: 'release', suspect: true })
      const last = await t.receiveOne()
      await t.settled(last, { kind: 'dead', reason: 'exhausted', error: new Error('x') })
      await t.elapse(t.ms(30))
      equal(await t.broker.deadLetters.redrive({ ids: [id] }), 1, 'redriven')
      equal(await list(t), [], 'dead letters afterwards')
      const { job } = await t.receiveOne()
      equal([job.id, job.attempt, job.crashes], [id, 1, 0], 'id, attempt and crashes')
      equal([job.tenant, job.trace], ['acme', '{}'], 'tenant and trace context')
      equal(dataOf(job.payload), data, 'data')
      equal(job.enqueuedAt, last.job.enqueuedAt, 'enqueuedAt')
      check(job.dueAt > last.job.dueAt, 'dueAt did not start anew')
    },
  },
  {
    name: 'redrives are counted',
    needs: ['deadLetter'],
    async run(t) {
      const [id] = await bury(t, 1)
      for (const redrives of [1, 2]) {
        equal(await t.broker.deadLetters.redrive({ ids: [id as string] }), 1, 'redriven')
        await t.settled(await t.receiveOne(), { kind: 'dead', reason: 'exhausted', error: new Error('x') })
        equal(
          (await list(t)).map((letter) => letter.redrives),
          [redrives],
          'redrives',
        )
      }
    },
  },
  {
    name: 'a redrive wakes who waits',
    needs: ['deadLetter'],
    async run(t) {
      const [id] = await bury(t, 1)
      const waitMs = t.ms(t.settings.patienceMs)
      const started = Date.now()
      const waiting = t.broker.receive(t.want({ waitMs }))
      await t.elapse(40)
      await t.broker.deadLetters.redrive({ ids: [id as string] })
      equal(
        (await waiting).map((delivery) => delivery.job.id),
        [id],
        'ids',
      )
      check(Date.now() - started < waitMs / 2, 'the waiting receive was not woken')
    },
  },
  {
    name: 'a whole queue can be redriven, and no other',
    needs: ['deadLetter'],
    async run(t) {
      const ids = await bury(t, 3)
      const others = await bury(t, 1, t.name('other'))
      equal(await t.broker.deadLetters.redrive({ queue: t.name() }), 3, 'redriven')
      equal((await t.receive(3)).map((delivery) => delivery.job.id).sort(), ids.sort(), 'ids')
      equal(
        (await list(t, t.name('other'))).map((letter) => letter.id),
        others,
        'dead letters of the other queue',
      )
    },
  },
  {
    name: 'a redrive whose key was taken meanwhile goes back without it',
    needs: ['deadLetter', 'dedupe'],
    async run(t) {
      const id = await t.sendOne({ key: 'k' })
      await t.settled(await t.receiveOne(), { kind: 'dead', reason: 'exhausted', error: new Error('x') })
      const taker = await t.sendOne({ key: 'k' })
      equal(await t.broker.deadLetters.redrive({ ids: [id] }), 1, 'redriven')
      equal((await t.receive(2)).map((delivery) => delivery.job.id).sort(), [id, taker].sort(), 'ids')
      equal(await t.send({ key: 'k' }), [{ id: taker, duplicate: true }], 'who holds the key')
    },
  },
  {
    name: 'a discarded one is gone',
    needs: ['deadLetter'],
    async run(t) {
      const ids = await bury(t, 3)
      equal(await t.broker.deadLetters.discard({ ids: [ids[1] as string] }), 1, 'discarded by id')
      equal(
        (await list(t)).map((letter) => letter.id),
        [ids[2], ids[0]],
        'ids left',
      )
      equal(await t.broker.deadLetters.redrive({ ids: [ids[1] as string] }), 0, 'redriven after the discard')
      if (t.broker.can.lookup) equal(await t.broker.get(ids[1] as string), undefined, 'status')
      equal(await t.broker.deadLetters.discard({ queue: t.name() }), 2, 'discarded by queue')
      equal(await list(t), [], 'list')
      await t.receiveNone('discarded jobs')
    },
  },
  {
    name: 'ids that are no dead letters are passed over, and one named twice counts once',
    needs: ['deadLetter'],
    async run(t) {
      const alive = await t.sendOne()
      const [dead] = await bury(t, 1, t.name('other'))
      const ids = [t.name('nobody'), alive, dead as string, dead as string]
      equal(await t.broker.deadLetters.redrive({ ids: [] }), 0, 'redriven of none')
      equal(await t.broker.deadLetters.redrive({ ids }), 1, 'redriven')
      equal(await t.broker.deadLetters.discard({ ids }), 0, 'discarded when all are alive')
      await t.receive(1)
      await t.receive(1, { queues: [{ name: t.name('other'), max: 1 }] })
    },
  },
]
