import { describe, expect, it } from 'vitest'
import { type ReplayOptions, replay } from './replay.ts'
import type { Subject } from './subject.ts'
import { Tally } from './tally.ts'

const unused: Subject['answer'] = () => Promise.reject(new Error('a replay needs no answers'))

function optionsFor(run: Subject['run'], change: Partial<ReplayOptions> = {}): ReplayOptions {
  return {
    subject: { kind: 'handler', start: () => {}, run, answer: unused, end: async () => {} },
    source: (i) => ({ name: 'job', data: i }),
    tally: new Tally(false),
    concurrency: 1,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    now: () => 0,
    onJob: () => {},
    shouldStop: () => false,
    ...change,
  }
}

describe('replay', () => {
  it('runs each job once, in order, and counts what failed', async () => {
    const seen: number[] = []
    const options = optionsFor(async (_, i) => {
      seen.push(i)
      if (i % 2 === 1) throw new Error('odd')
    })
    expect(await replay(10, 5, options)).toEqual({ jobs: 5, ms: 0, stopped: false })
    expect(seen).toEqual([10, 11, 12, 13, 14])
    expect(options.tally.outcomes()).toMatchObject({ done: 3, failed: 2, firstError: 'Error: odd' })
  })

  it('runs as many at once as it is told, and no more', async () => {
    let running = 0
    let most = 0
    const options = optionsFor(
      async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
      },
      { concurrency: 4 },
    )
    expect((await replay(0, 50, options)).jobs).toBe(50)
    expect(most).toBe(4)
  })

  it('stops early when it is told to', async () => {
    let jobs = 0
    const options = optionsFor(async () => {}, { onJob: () => jobs++, shouldStop: () => jobs > 20 })
    const result = await replay(0, 1_000, options)
    expect(result.stopped).toBe(true)
    expect(result.jobs).toBeLessThan(40)
  })

  it('fails when its source does', async () => {
    const source = (): never => {
      throw new Error('no data')
    }
    await expect(
      replay(
        0,
        1,
        optionsFor(async () => {}, { source }),
      ),
    ).rejects.toThrow('no data')
  })
})
