import { describe, expect, test } from 'vitest'
import { memoryAtHand, toBudget } from './budget.ts'
import { toPoolSettings } from './settings.ts'

const settings = (options: Parameters<typeof toPoolSettings>[1]) => toPoolSettings('file:///app.ts', options)

describe('options of isolates', () => {
  test('by default: two isolates and a spare, 1,000 jobs each and 10 s at least, all the memory there is', () => {
    const { size, spares, jobs, leastAgeMs, concurrency, ageMs, maxCrashes, memory } = settings({})
    expect({ size, spares, jobs, leastAgeMs, concurrency, ageMs, maxCrashes }).toEqual({
      size: 2,
      spares: 1,
      jobs: 1_000,
      leastAgeMs: 10_000,
      concurrency: 10,
      ageMs: Number.POSITIVE_INFINITY,
      maxCrashes: 2,
    })
    expect(memory).toBe(toBudget(4))
    expect(4 * memory).toBeLessThan(memoryAtHand())
  })

  test('jobs: 1 is one at a time, with as many spares as serve', () => {
    expect(settings({ jobs: 1, size: 3, concurrency: 8 })).toMatchObject({ concurrency: 1, spares: 3, leastAgeMs: 0 })
  })

  test('memory is a size or a share, and sets the limit of the heap unless one is given', () => {
    const { memory, execArgv } = settings({ memory: '256mb', execArgv: ['--import', 'tsx', '--inspect=0'] })
    expect(memory).toBe(256_000_000)
    expect(execArgv).toEqual(['--import', 'tsx', '--max-old-space-size=219', '--max-semi-space-size=7'])
    expect(settings({ memory: '2gib' }).execArgv).toContain('--max-old-space-size=1843')
    expect(settings({ memory: 0.25 }).memory).toBe(toBudget(4))
    expect(settings({ execArgv: ['--max-old-space-size=50'] }).execArgv).toEqual(['--max-old-space-size=50'])
  })

  test('a module is a URL, or a path from the working directory', () => {
    const here = new URL('app.ts', `file://${process.cwd()}/`).href
    for (const module of ['app.ts', './app.ts', here, new URL(here)]) expect(toPoolSettings(module).module).toBe(here)
  })

  test('flags of this process go along, but for those that are its own', () => {
    const flags = ['--input-type=module', '--conditions', 'x', '-e', 'serve()', '--watch', '--max-old-space-size=9']
    expect(settings({ execArgv: flags }).execArgv).toEqual(['--conditions', 'x', '--max-old-space-size=9'])
  })

  test('a range begins at its least', () => {
    expect(settings({ size: { min: 2, max: 5 } })).toMatchObject({ size: 2, scale: { min: 2, max: 5 } })
  })

  test('a budget is never less than what an app needs to load', () => {
    expect(toBudget(100, 512e6)).toBe(64 * 2 ** 20)
    expect(toBudget(4, 2_048e6)).toBe(Math.floor((2_048e6 * 0.9 - 150 * 2 ** 20) / 4))
  })

  test.each([
    [{ size: 0 }, 'isolates.size'],
    [{ jobs: 1.5 }, 'isolates.jobs'],
    [{ spares: -1 }, 'isolates.spares'],
    [{ concurrency: 0 }, 'isolates.concurrency'],
    [{ maxCrashes: 0 }, 'isolates.maxCrashes'],
    [{ memory: 1_000 }, 'isolates.memory'],
    [{ memory: 'much' as never }, 'size'],
    [{ size: { min: 3, max: 2 } }, 'max'],
    [{ permissions: { net: true } }, "permissions are Deno's"],
  ])('%j is refused', (options, text) => {
    expect(() => settings(options)).toThrow(expect.objectContaining({ code: 'OPTION' }))
    expect(() => settings(options)).toThrow(text)
  })
})
