import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlotPausesTable } from './isolates/slot-pauses.ts'
import { PAUSE_BOUNDS_MS, Pauses } from './pauses.ts'

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

test('a pause counts where its bound is, one that is longer than all of them last', () => {
  const pauses = new Pauses()
  for (const ms of [0, 1, 1.1, 1_000, 1_000.1, 60_000]) pauses.add('major', ms)
  expect(pauses.all()).toEqual({
    major: [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 62_002.2],
  })
})

test('nothing is told of what did not happen, and what was taken is not told again', () => {
  const pauses = new Pauses()
  expect(pauses.take()).toBeUndefined()
  pauses.add('minor', 3)
  expect(Object.keys(pauses.take() ?? {})).toEqual(['minor'])
  expect(pauses.take()).toBeUndefined()
  expect(pauses.all()).toEqual({})
})

test('told in parts, by one isolate after the other, it is the same; a slot never falls, and takes no more room', () => {
  const pause = fc.record({
    kind: fc.constantFrom('minor' as const, 'major' as const),
    ms: fc.float({ min: 0, max: 5_000, noNaN: true }),
    served: fc.constantFrom(undefined, 0, 1),
    tells: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(pause, { maxLength: 50 }), (list) => {
      const table = new SlotPausesTable()
      const isolates = new Map<number | undefined, Pauses>()
      let before = 0
      const tell = (served: number | undefined): void => {
        table.add({ served }, isolates.get(served)?.take() ?? {})
        const now = sum(table.all().flatMap(({ counts }) => counts))
        expect(now).toBeGreaterThanOrEqual(before)
        before = now
      }
      for (const { kind, ms, served, tells } of list) {
        isolates.set(served, isolates.get(served) ?? new Pauses())
        isolates.get(served)?.add(kind, ms)
        if (tells) tell(served)
      }
      for (const served of isolates.keys()) tell(served)
      for (const { slot, kind, counts, ms, boundsMs } of table.all()) {
        const own = list.filter((one) => one.served === slot && one.kind === kind).map((one) => one.ms)
        expect(sum(counts)).toBe(own.length)
        expect(counts).toHaveLength(PAUSE_BOUNDS_MS.length + 1)
        expect(boundsMs).toBe(PAUSE_BOUNDS_MS)
        expect(ms).toBeCloseTo(sum(own), 6)
      }
      expect(before).toBe(list.length)
    }),
    { seed: 1, numRuns: 100 },
  )
})
