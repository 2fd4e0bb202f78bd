import { expect, test } from 'vitest'
import { measureInTurn } from './in-turn.ts'

const JOBS = 200
const WARM_UP = 20
const PICK_UPS = 3

test('one subject of each kind does every job exactly once, and is measured', { timeout: 60_000 }, async () => {
  const done: string[] = []
  const names = ['bare-2', 'graphile-local', 'boss-100', 'isobar'] as const
  const { signal } = new AbortController()
  const options = {
    jobs: JOBS,
    warmUp: WARM_UP,
    pickUps: PICK_UPS,
    rounds: 1,
    signal,
    onDone: (name: string) => done.push(name),
  }
  const figures = await measureInTurn(names, options)
  expect(done).toEqual(names)
  for (const name of names) {
    const [round, ...others] = figures[name]
    expect(others).toEqual([])
    for (const value of Object.values(round ?? {})) expect(value).toBeGreaterThan(0)
    expect(Object.keys(round ?? {})).toHaveLength(6)
  }
})

test('an abort ends it', async () => {
  const signal = AbortSignal.abort(new Error('interrupted'))
  await expect(measureInTurn(['bare-1'], { jobs: 1, warmUp: 0, pickUps: 0, rounds: 1, signal })).rejects.toThrow(
    'interrupted',
  )
})
