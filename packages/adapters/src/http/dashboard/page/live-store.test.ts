import { expect, it } from 'vitest'
import { type LivePoint, MAX_POINT_TYPES, MAX_POINTS } from '../answers.ts'
import { COLUMN, LiveStore, MAX_RECYCLES } from './live-store.ts'
import { suspectsText, typesAt } from './suspects.ts'

const point = (second: number, more: Partial<LivePoint> = {}): LivePoint => ({
  at: 1_700_000_000_000 + second * 1_000,
  done: second,
  retried: 0,
  dead: 0,
  released: 0,
  running: 0,
  buffered: 0,
  p50: null,
  p99: null,
  loopDelay: 0,
  memory: null,
  types: [],
  slots: [],
  queues: [],
  recycles: [],
  ...more,
})

it('puts every figure into a column of its own', () => {
  const store = new LiveStore()
  store.add(
    point(0, {
      ...{ done: 1, retried: 2, dead: 3, p50: 4, p99: 5, memory: { total: 6, rss: 0, limit: 7 } },
      types: [
        ['a', 10, 11, 12, 0],
        ['b', 13, null, null, 0],
      ],
      slots: [[3, 20, 0, 21, 0, 'active']],
      queues: [['q', 30, 0, 0, 0, 31, 0]],
    }),
  )
  const columns = [COLUMN.done, COLUMN.retried, COLUMN.dead, COLUMN.p50, COLUMN.p99, COLUMN.total, COLUMN.limit]
  expect(columns.map((column) => store.ring.get(column, 0))).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect([0, 1, 2, 3, 4].map((index) => store.ring.get(COLUMN.types + index, 0))).toEqual([10, 11, 12, 13, null])
  expect([0, 1].map((index) => store.ring.get(COLUMN.slots + index, 0))).toEqual([20, 21])
  expect([0, 1].map((index) => store.ring.get(COLUMN.queues + index, 0))).toEqual([30, 31])
  expect([store.types.name(1), store.slots.name(0), store.queues.name(0)]).toEqual(['b', '3', 'q'])
})

it('draws nobody else’s past for a job type that gets a lane', () => {
  const store = new LiveStore()
  const types = Array.from({ length: MAX_POINT_TYPES }, (_, index) => [`t${index}`, index, 0, 0, 0] as const)
  store.add(point(0, { types }))
  store.add(point(1, { types: [['new', 99, 1, 2, 0]] }))
  expect(store.types.find('t0')).toBe(-1)
  expect([0, 1].map((row) => store.ring.get(COLUMN.types, row))).toEqual([null, 99])
})

it('has no figure of an isolate whose memory has not been read yet', () => {
  const store = new LiveStore()
  store.add(point(0, { slots: [[0, 0, 0, 256e6, 0, 'active']] }))
  store.add(point(1, { slots: [[0, 36e6, 60e6, 256e6, 4, 'active']] }))
  expect([0, 1].map((row) => store.ring.get(COLUMN.slots, row))).toEqual([null, 36e6])
})

it('keeps 15 minutes and the last recycles, however long it runs', () => {
  const store = new LiveStore()
  for (let second = 0; second < 5_000; second++) store.add(point(second, { recycles: [[0, 'jobs', String(second)]] }))
  expect([store.ring.count, store.recycles.length]).toEqual([MAX_POINTS, MAX_RECYCLES])
  expect(store.recycles.at(-1)).toMatchObject({ slot: 0, cause: 'jobs', message: '4999' })
})

it('takes no second twice, and replaces what it has', () => {
  const store = new LiveStore()
  expect([store.add(point(1)), store.add(point(1))]).toEqual([true, false])
  store.replace([point(0), point(1), point(2)])
  expect([store.ring.count, store.last?.done]).toEqual([3, 2])
})

it('says in words who is suspect', () => {
  const store = new LiveStore()
  expect(suspectsText(store)).toBe('No figures yet.')
  store.add(point(0, { types: [['email.send', 3, null, null, 0]] }))
  expect(suspectsText(store)).toBe('Too few collections yet to tell job types apart.')
  store.add(
    point(1, {
      types: [
        ['csv.import', 48_000, 46_000, 50_000, 1],
        ['email.send', 3, -5, 9, 0],
      ],
    }),
  )
  expect(suspectsText(store)).toBe('csv.import leaks: each job leaves 48\u00a0kB behind (95 %: 46 to 50\u00a0kB).')
  store.add(point(2, { types: [['email.send', 3, -5, 9, 0]] }))
  expect(suspectsText(store)).toMatch(
    /^No job type is suspected of leaking: 1 of 1 measured\. csv\.import was, until \d\d:\d\d:21\.$/,
  )
  store.add(point(1 + MAX_POINTS, { types: [['email.send', 3, -5, 9, 0]] }))
  expect(suspectsText(store)).toBe('No job type is suspected of leaking: 1 of 1 measured.')
})

it('has the figures of the second that is pointed at', () => {
  const store = new LiveStore()
  store.add(point(0, { types: [['a', 1, 0, 2, 0]] }))
  store.add(point(1, { types: [['a', 5, 4, 6, 1]] }))
  expect(typesAt(store, null)).toEqual([{ name: 'a', bytes: 5, low: 4, high: 6, suspect: true, told: true }])
  expect(typesAt(store, 0)).toEqual([{ name: 'a', bytes: 1, low: 0, high: 2, suspect: true, told: true }])
})

it('has those last of which nothing can be said', () => {
  const store = new LiveStore()
  store.add(
    point(0, {
      types: [
        ['wide', 420e3, -1e6, 1.84e6, 0],
        ['unknown', 0, null, null, 0],
        ['known', 5, -4, 14, 0],
      ],
    }),
  )
  expect(typesAt(store, null).map(({ name, told }) => [name, told])).toEqual([
    ['known', true],
    ['wide', false],
    ['unknown', false],
  ])
  expect(suspectsText(store)).toBe('No job type is suspected of leaking: 1 of 3 measured.')
})
