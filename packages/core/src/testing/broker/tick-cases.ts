import type { Ticks } from '../../ticks.ts'
import { check, equal, rejects } from '../assert.ts'
import { type CaseContext, type CaseSpec, dataOf, idsOf } from './context.ts'

/** Between two ticks of the schedules here, in ms. */
const TICK_MS = 60_000

/** By how much the clocks of the broker and of the suite may differ, in ms. */
const CLOCKS_MS = 1_800_000

/** A limit above which a case does not try to exceed it, in bytes. */
const TRIED_BYTES = 64_000_000

/** A tick some minutes ago, ms since the epoch. The 100th is the newest there is. */
const FIRST = Math.floor(Date.now() / TICK_MS) * TICK_MS - 100 * TICK_MS
const tickOf = (number: number): number => FIRST + number * TICK_MS

/** A case for brokers that keep a record of schedules; where there is none, that it is not there. */
function tickCase(name: string, run: (t: CaseContext, ticks: Ticks) => Promise<void>): CaseSpec {
  return {
    name,
    async run(t) {
      const { ticks } = t.broker
      if (ticks) await run(t, ticks)
      else equal(ticks, undefined, 'ticks of a broker that keeps no record')
    },
  }
}

/** Sends the job of a tick, with the tick as its data. */
function sendTick(t: CaseContext, ticks: Ticks, number: number, schedule = t.name('schedule')): Promise<boolean> {
  return ticks.send(schedule, tickOf(number), t.spec({ data: number }))
}

/** Receives jobs and answers the ticks that they are of. */
async function receiveTicks(t: CaseContext, count: number): Promise<unknown[]> {
  const ticks: unknown[] = []
  while (ticks.length < count) {
    for (const { job } of await t.receive(Math.min(count - ticks.length, t.broker.can.maxBatch))) {
      ticks.push(dataOf(job.payload))
    }
  }
  return ticks
}

/** The record of schedules: one job a tick. */
export const tickCases: readonly CaseSpec[] = [
  tickCase('a schedule that is not known is recorded when it is first asked for', async (t, ticks) => {
    const schedule = t.name('schedule')
    const answers = await Promise.all([1, 2, 3].map(() => ticks.last(schedule)))
    const [first] = answers as [number]
    check(Number.isInteger(first), `the last tick ${first} is not in whole ms`)
    check(Math.abs(first - Date.now()) < CLOCKS_MS, `the last tick ${first} is not now, in ms since the epoch`)
    await t.elapse(20)
    equal([...answers, await ticks.last(schedule)], [first, first, first, first], 'last tick')
    equal(await ticks.send(schedule, first, t.spec()), false, 'a tick that is no later')
    equal(await ticks.send(schedule, first + 1, t.spec()), true, 'a tick that is later')
  }),
  tickCase('the job of a tick arrives as it was sent, and the tick is the last', async (t, ticks) => {
    const spec = t.spec({ name: 'case.tick', data: { at: 'six' }, tenant: 'ann' })
    equal(await ticks.send(t.name('schedule'), tickOf(7), spec), true, 'answer')
    equal(await ticks.last(t.name('schedule')), tickOf(7), 'last tick')
    const { job } = await t.receiveOne()
    equal([job.name, job.queue, job.tenant, job.attempt], ['case.tick', t.name(), 'ann', 1], 'job')
    equal(dataOf(job.payload), { at: 'six' }, 'data')
    await t.receiveNone('a second job')
  }),
  tickCase('the job of a tick wakes who waits', async (t, ticks) => {
    const waitMs = t.ms(t.settings.patienceMs)
    const started = Date.now()
    const waiting = t.broker.receive(t.want({ waitMs }))
    await t.elapse(40)
    await sendTick(t, ticks, 1)
    equal(idsOf(await waiting).length, 1, 'deliveries to who waits')
    const took = Date.now() - started
    check(took < waitMs / 2, `the waiting receive took ${took} ms of its ${waitMs}: it was not woken`)
  }),
  tickCase('a tick is enqueued once, and none before it any more', async (t, ticks) => {
    const answers: boolean[] = []
    for (const number of [3, 3, 2, 4, 3, 1, 4, 5]) answers.push(await sendTick(t, ticks, number))
    equal(answers, [true, false, false, true, false, false, false, true], 'answers')
    equal(await ticks.last(t.name('schedule')), tickOf(5), 'last tick')
    equal(await receiveTicks(t, 3), [3, 4, 5], 'ticks of the jobs')
    await t.receiveNone('the job of a tick that was refused')
  }),
  tickCase('many send one tick at once: one job comes of it', async (t, ticks) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendTick(t, ticks, 1)))
    equal(answers.filter((answer) => answer).length, 1, 'number of those who enqueued it')
    await t.receiveOne()
    await t.receiveNone('a second job of the tick')
  }),
  tickCase('many send all ticks in order: each is enqueued once, in order', async (t, ticks) => {
    const numbers = Array.from({ length: 10 }, (_, at) => at + 1)
    const sent: number[] = []
    const sender = async (): Promise<void> => {
      for (const number of numbers) if (await sendTick(t, ticks, number)) sent.push(number)
    }
    await Promise.all(Array.from({ length: 8 }, sender))
    equal(sent, numbers, 'ticks, as they were enqueued')
    equal(await receiveTicks(t, numbers.length), numbers, 'ticks of the jobs')
    await t.receiveNone('a second job of a tick')
  }),
  tickCase('many send ticks in any order: none goes before one that was enqueued', async (t, ticks) => {
    const numbers = Array.from({ length: 20 }, (_, at) => ((at * 7) % 20) + 1)
    const answers = await Promise.all(numbers.map(async (number) => ((await sendTick(t, ticks, number)) ? number : 0)))
    const sent = answers.filter((number) => number > 0).sort((a, b) => a - b)
    equal(sent.at(-1), 20, 'the newest of those enqueued')
    equal(
      (await receiveTicks(t, sent.length)).sort((a, b) => Number(a) - Number(b)),
      sent,
      'ticks of the jobs',
    )
    await t.receiveNone('the job of a tick that was refused')
  }),
  tickCase('schedules are apart, whatever their names', async (t, ticks) => {
    const names = ['a', 'A', 'a ', '__proto__', 'ключ 🔑', "'; --", '%_*?', 'x'.repeat(200)].map((name) => t.name(name))
    const answers: boolean[] = []
    for (const [at, name] of names.entries()) answers.push(await sendTick(t, ticks, 90 - at, name))
    equal(answers, Array(names.length).fill(true), 'answers')
    const last: number[] = []
    for (const name of names) last.push(await ticks.last(name))
    equal(
      last,
      names.map((_, at) => tickOf(90 - at)),
      'last ticks',
    )
  }),
  tickCase('a job that is refused leaves the record as it was', async (t, ticks) => {
    const { maxBytes } = t.broker.can
    equal(await sendTick(t, ticks, 1), true, 'answer')
    if (maxBytes <= TRIED_BYTES) {
      const tooLarge = t.spec({ text: `"${'x'.repeat(maxBytes)}"` })
      await rejects(() => ticks.send(t.name('schedule'), tickOf(2), tooLarge), 'send', 'PAYLOAD_TOO_LARGE')
    }
    equal(await ticks.last(t.name('schedule')), tickOf(1), 'last tick')
    equal(await sendTick(t, ticks, 2), true, 'answer to the same tick with a job that is taken')
    equal(await receiveTicks(t, 2), [1, 2], 'ticks of the jobs')
  }),
  tickCase('a tick far ahead of the clock is refused, and silences no other', async (t, ticks) => {
    const ahead = Date.now() + 30 * 86_400_000
    await rejects(() => ticks.send(t.name('schedule'), ahead, t.spec()), 'send', 'TICK_AHEAD')
    equal(await sendTick(t, ticks, 1), true, 'answer to another tick')
    await t.receiveOne()
    await t.receiveNone('the job of the tick that was refused')
  }),
  tickCase('after dispose every call fails with a coded error', async (t, ticks) => {
    await sendTick(t, ticks, 1)
    await t.broker[Symbol.asyncDispose]()
    await rejects(() => ticks.last(t.name('schedule')), 'last')
    await rejects(() => sendTick(t, ticks, 2), 'send')
  }),
]
