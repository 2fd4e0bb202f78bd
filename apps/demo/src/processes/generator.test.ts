import type { JobSpec } from '@isobar/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTrace, toJobSpec } from '../trace.ts'
import { type GeneratorOptions, startGenerator } from './generator.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start(changes: Partial<GeneratorOptions> = {}) {
  const waves: { readonly specs: readonly JobSpec[]; readonly fed: number }[] = []
  const errors: unknown[] = []
  const generator = startGenerator({
    ...{ trace: createTrace({ jobs: 1 }), from: 3, rate: 12.5, isFull: () => false },
    feed: async (specs, fed) => void waves.push({ specs, fed }),
    onError: (error) => void errors.push(error),
    ...changes,
  })
  return { generator, waves, errors }
}

test('jobs of the trace come at the rate, after those of the start before, fractions made up for', async () => {
  const { generator, waves } = start()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(waves.map(({ specs }) => specs.length)).toEqual([2, 3, 2, 3, 2])
  expect(waves.map(({ fed }) => fed)).toEqual([5, 8, 10, 13, 15])
  expect(waves[0]?.specs[0]).toEqual(toJobSpec(createTrace().at(3)))
  expect(generator.fed).toBe(15)
  await generator.stop()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(waves).toHaveLength(5)
})

test('while the queue is full none come, and none are made up for', async () => {
  let isFull = true
  const { generator, waves } = start({ rate: 5, isFull: () => isFull })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(waves).toEqual([])
  isFull = false
  await vi.advanceTimersByTimeAsync(200)
  expect(waves).toMatchObject([{ fed: 4 }])
  await generator.stop()
})

test('a wave that fails is told, and comes again', async () => {
  let fails = true
  const feeds: number[] = []
  const feed = async (_: readonly JobSpec[], fed: number) => {
    feeds.push(fed)
    if (fails) throw new Error('full')
  }
  const { generator, errors } = start({ rate: 5, feed })
  await vi.advanceTimersByTimeAsync(200)
  fails = false
  await vi.advanceTimersByTimeAsync(200)
  expect(feeds).toEqual([4, 4])
  expect(errors).toEqual([new Error('full')])
  expect(generator.fed).toBe(4)
  await generator.stop()
})

test('one wave at a time: stopping waits for it', async () => {
  let release: () => void = () => {}
  let feeds = 0
  const feed = () => {
    feeds++
    return new Promise<void>((resolve) => {
      release = resolve
    })
  }
  const { generator } = start({ rate: 50, feed })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(feeds).toBe(1)
  let stopped = false
  const stopping = generator.stop().then(() => {
    stopped = true
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(stopped).toBe(false)
  release()
  await stopping
  expect(generator.fed).toBe(13)
})
