import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_PAGE, DeadStore, MAX_PAGE } from './dead-store.ts'
import { createEntry, type Entry } from './entry.ts'

function entry(id: string, queue = 'q'): Entry {
  return createEntry({ name: 'n', queue, priority: 'normal', text: '1', delayMs: 0 }, id, 0, 0)
}

const filled = (count: number): DeadStore => {
  const store = new DeadStore()
  for (let n = 0; n < count; n++) store.add(entry(String(n)))
  return store
}

describe('DeadStore', () => {
  it('pages newest first over any adds and removals, as a plain list does', () => {
    const step = fc.record({ add: fc.boolean(), at: fc.nat(100), queue: fc.constantFrom('a', 'b') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        const store = new DeadStore()
        const list: Entry[] = []
        for (const [n, { add, at, queue }] of steps.entries()) {
          if (add) {
            list.push(entry(String(n), queue))
            store.add(list.at(-1) as Entry)
          } else if (list.length) {
            store.remove(list.splice(at % list.length, 1)[0] as Entry)
          }
        }
        for (const queue of [undefined, 'a', 'b']) {
          const seen: Entry[] = []
          let page = store.page({ queue, limit })
          seen.push(...page.entries)
          while (page.cursor !== undefined) {
            page = store.page({ queue, limit, cursor: page.cursor })
            expect(page.entries.length).toBeGreaterThan(0)
            seen.push(...page.entries)
          }
          const expected = list.filter((one) => queue === undefined || one.queue === queue).reverse()
          expect(seen.map((one) => one.id)).toEqual(expected.map((one) => one.id))
        }
        expect(store.size).toBe(list.length)
      }),
    )
  })

  it('forgets those that left, however many pass through', () => {
    const store = filled(10)
    for (let n = 10; n < 5_000; n++) {
      store.add(entry(String(n)))
      store.remove(store.get(String(n - 5)) as Entry)
      expect(store.places).toBeLessThanOrEqual(2 * store.size)
    }
    expect(store.page({}).entries.map((one) => one.id)).toEqual([
      '4999',
      '4998',
      '4997',
      '4996',
      '4995',
      '4',
      '3',
      '2',
      '1',
      '0',
    ])
  })

  it('goes on from a cursor whose dead letter has left', () => {
    const store = filled(6)
    const { cursor } = store.page({ limit: 2 })
    for (const one of store.select({ ids: ['4', '3'] })) store.remove(one)
    expect(store.page({ limit: 2, cursor }).entries.map((one) => one.id)).toEqual(['2', '1'])
  })

  it('bounds a page, whatever is asked for', () => {
    const store = filled(MAX_PAGE + 5)
    const size = (limit?: number): number => store.page({ limit }).entries.length
    expect([size(), size(7), size(MAX_PAGE + 1), size(Number.POSITIVE_INFINITY)]).toEqual([
      DEFAULT_PAGE,
      7,
      MAX_PAGE,
      MAX_PAGE,
    ])
    expect([size(0), size(-1), size(Number.NaN)]).toEqual([1, 1, 1])
  })

  it.each(['', 'x', '-1', '1.5', '1e99'])('refuses cursor %j', (cursor) => {
    expect(() => filled(1).page({ cursor })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  })
})
