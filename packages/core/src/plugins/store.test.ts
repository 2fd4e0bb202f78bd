import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createMemoryStore } from './store.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd')
const value = fc.constantFrom('1', '2')
const op = fc.oneof(
  fc.record({ op: fc.constant('get' as const), key }),
  fc.record({
    op: fc.constant('set' as const),
    key,
    value,
    ttlMs: fc.integer({ min: 1, max: 50 }),
    ifAbsent: fc.boolean(),
  }),
  fc.record({ op: fc.constant('delete' as const), key, value: fc.option(value, { nil: undefined }) }),
  fc.record({ op: fc.constant('wait' as const), ms: fc.nat(30) }),
)

test('keeps what a naive list would: the newest keys, each for its time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), async (ops, maxKeys) => {
      let now = 0
      const clock = { ...createFakeClock(), now: () => now }
      const store = createMemoryStore({ maxKeys, clock })
      let model: { key: string; value: string; until: number }[] = []
      const alive = (wanted: string) => model.find((entry) => entry.key === wanted && entry.until > now)
      for (const what of ops) {
        switch (what.op) {
          case 'get':
            expect(await store.get(what.key)).toBe(alive(what.key)?.value)
            // What is found to be over makes room.
            model = model.filter((entry) => entry.key !== what.key || entry.until > now)
            break
          case 'set': {
            const absent = !alive(what.key)
            expect(await store.set(what.key, what.value, what)).toBe(absent || !what.ifAbsent)
            if (absent || !what.ifAbsent) {
              model = [
                ...model.filter((entry) => entry.key !== what.key),
                { key: what.key, value: what.value, until: now + what.ttlMs },
              ].slice(-maxKeys)
            }
            break
          }
          case 'delete':
            await store.delete(what.key, what.value)
            model = model.filter(
              (entry) =>
                entry.key !== what.key || (entry.until > now && what.value !== undefined && entry.value !== what.value),
            )
            break
          case 'wait':
            now += what.ms
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('is bounded: the keys set longest ago go', async () => {
  const store = createMemoryStore({ maxKeys: 100 })
  for (let n = 0; n < 1_000; n++) await store.set(`key ${n}`, 'x', { ttlMs: 60_000 })
  expect([await store.get('key 899'), await store.get('key 900'), await store.get('key 999')]).toEqual([
    undefined,
    'x',
    'x',
  ])
})

test('needs room for a key', () => {
  for (const maxKeys of [0, -1, Number.NaN]) {
    expect(() => createMemoryStore({ maxKeys })).toThrow(expect.objectContaining({ code: 'OPTION' }))
  }
})
