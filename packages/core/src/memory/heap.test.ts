import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from './heap.ts'

interface Item {
  slot: number
  rank: number
  readonly order: number
}

const before = (a: Item, b: Item): boolean => a.rank < b.rank || (a.rank === b.rank && a.order < b.order)

type Move = readonly ['push' | 'pop' | 'remove' | 'update', number, number]

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.tuple(fc.constantFrom('push', 'push', 'pop', 'remove', 'update'), fc.nat(100), fc.nat(20)),
  { maxLength: 200, size: 'max' },
)

describe('Heap', () => {
  it('gives the first of what it holds, whatever was pushed, removed and moved', () => {
    fc.assert(
      fc.property(moves, (program) => {
        const heap = new Heap<Item>(before)
        const held: Item[] = []
        const gone: Item[] = []
        for (const [order, [move, at, rank]] of program.entries()) {
          const one = held[at % held.length]
          if (move === 'push') {
            const item = { slot: -1, rank, order }
            heap.push(item)
            held.push(item)
          } else if (move === 'pop') {
            const first = [...held].sort((a, b) => (before(a, b) ? -1 : 1))[0]
            expect(heap.pop()).toBe(first)
            if (first) gone.push(...held.splice(held.indexOf(first), 1))
          } else if (one && move === 'remove') {
            expect(heap.remove(one)).toBe(true)
            gone.push(...held.splice(held.indexOf(one), 1))
          } else if (one) {
            one.rank = rank
            expect(heap.update(one)).toBe(true)
          }
          expect(heap.size).toBe(held.length)
          for (const item of gone) expect([heap.remove(item), heap.update(item)]).toEqual([false, false])
        }
        const rest: Item[] = []
        for (let next = heap.pop(); next; next = heap.pop()) rest.push(next)
        expect(rest).toEqual(held.sort((a, b) => (before(a, b) ? -1 : 1)))
        expect(heap.peek()).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it('does not take an item of another heap for its own', () => {
    const [one, other] = [new Heap<Item>(before), new Heap<Item>(before)]
    const [a, b] = [1, 2].map((rank) => ({ slot: -1, rank, order: 0 })) as [Item, Item]
    one.push(a)
    other.push(b)
    expect([one.remove(b), one.size, other.remove(b), other.size]).toEqual([false, 1, true, 0])
  })
})
