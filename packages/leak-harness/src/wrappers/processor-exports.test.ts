import { expect, it } from 'vitest'
import { toProcessorExports } from './processor-exports.ts'

const processor = async (): Promise<void> => {}
const makeData = (i: number): unknown => ({ i })
const harness = { warmup: 100 }

it('finds the processor and the rest where BullMQ does', () => {
  const all = { processor, makeData, makeJob: undefined, harness }
  expect(toProcessorExports({ default: processor, makeData, harness }, '/p.mjs')).toEqual(all)
  expect(toProcessorExports({ default: Object.assign(() => {}, { makeData, harness }) }, '/p.cjs')).toMatchObject({
    makeData,
    harness,
  })
  expect(toProcessorExports({ default: { default: processor, makeData, harness } }, '/p.cjs')).toEqual(all)
})

it('says what is missing, and from which file', () => {
  for (const exports of [{}, { default: {} }, { default: 1 }, { processor }])
    expect(() => toProcessorExports(exports, '/srv/p.mjs')).toThrow(
      '/srv/p.mjs has no BullMQ processor; export default async (job) => …',
    )
})
