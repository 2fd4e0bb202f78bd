import { expect, test } from 'vitest'
import { CollectionRates } from './collection-rates.ts'

const pause = (slot: number | undefined, ms: number) => ({
  slot,
  kind: 'minor' as const,
  counts: [],
  boundsMs: [],
  ms,
})

test('since the start, as long as there is nothing to compare with; both kinds together, spares left out', () => {
  const rates = new CollectionRates().update(10_000, [pause(0, 20), pause(0, 10), pause(1, 5), pause(undefined, 99)])
  expect([...rates]).toEqual([
    [0, 3],
    [1, 0.5],
  ])
})

test('then of the last half minute', () => {
  const rates = new CollectionRates()
  rates.update(100_000, [pause(0, 5_000)])
  expect(rates.update(102_000, [pause(0, 5_008)]).get(0)).toBe(4)
  for (let at = 104_000; at <= 130_000; at += 2_000) rates.update(at, [pause(0, 5_008)])
  // What was at 100 s is too old by now.
  expect(rates.update(132_000, [pause(0, 5_068)]).get(0)).toBe(2)
})

test('a slot that is new has had none before', () => {
  const rates = new CollectionRates()
  rates.update(10_000, [])
  expect(rates.update(12_000, [pause(3, 6)]).get(3)).toBe(3)
})

test('a worker that was started anew begins anew', () => {
  const rates = new CollectionRates()
  rates.update(60_000, [pause(0, 900)])
  expect(rates.update(2_000, [pause(0, 4)]).get(0)).toBe(2)
  expect(rates.update(4_000, [pause(0, 8)]).get(0)).toBe(2)
})

test('nothing is known where the runtime does not tell', () => {
  expect(new CollectionRates().update(10_000, undefined).size).toBe(0)
})
