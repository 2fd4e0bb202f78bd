import { describe, expect, it } from 'vitest'
import { MAX_SETTLE_ROUNDS, settle } from './settle.ts'

/** An engine whose heap, or what is outside it, stands at these sizes after each collection, and stays at the last. */
function engineWith(sizes: readonly number[], outside: readonly number[] = [0]) {
  let collections = 0
  return {
    engine: {
      gc: () => {
        collections++
      },
      held: () => ({
        heap: sizes[Math.min(collections, sizes.length) - 1] ?? 0,
        external: outside[Math.min(collections, outside.length) - 1] ?? 0,
      }),
      turn: async () => {},
      sleep: async () => {},
    },
    collections: () => collections,
  }
}

describe('settle', () => {
  it('collects until the heap stands still, within 256 bytes', async () => {
    const { engine, collections } = engineWith([9_000_000, 6_000_000, 5_000_000, 5_000_100])
    expect(await settle(engine)).toEqual({ heap: 5_000_100, external: 0 })
    expect(collections()).toBe(4)
  })

  it('is done at once where it was before', async () => {
    const { engine, collections } = engineWith([5_000_100])
    expect(await settle(engine, { heap: 5_000_000, external: 0 })).toEqual({ heap: 5_000_100, external: 0 })
    expect(collections()).toBe(1)
  })

  it('waits for buffers to be given back too', async () => {
    const { engine, collections } = engineWith([5_000_000], [196_608, 131_072, 65_536, 65_536])
    expect(await settle(engine)).toEqual({ heap: 5_000_000, external: 65_536 })
    expect(collections()).toBe(4)
  })

  it('gives up after twelve rounds', async () => {
    const { engine, collections } = engineWith(Array.from({ length: 50 }, (_, i) => 5_000_000 + 1_000 * i))
    await settle(engine)
    expect(collections()).toBe(MAX_SETTLE_ROUNDS)
  })
})
