import { describe, expect, it } from 'vitest'
import { createEntry, type Entry } from './entry.ts'
import { Finished, MAX_FINISHED_CHARS } from './finished.ts'

function entry(id: string, result = '1'): Entry {
  const one = createEntry({ name: 'n', queue: 'q', priority: 'normal', text: '"data"', delayMs: 0 }, id, 0, 0)
  one.result = result
  return one
}

describe('Finished', () => {
  it('keeps as many as it may, oldest out first, without their data', () => {
    const finished = new Finished(2)
    for (const id of ['a', 'b', 'c']) finished.add(entry(id))
    expect([finished.get('a'), finished.get('b')?.id, finished.get('c')?.id, finished.size]).toEqual([
      undefined,
      'b',
      'c',
      2,
    ])
    expect(finished.get('c')?.text).toBe('')
  })

  it('keeps none when it may keep none', () => {
    const finished = new Finished(0)
    finished.add(entry('a'))
    expect([finished.get('a'), finished.size]).toEqual([undefined, 0])
  })

  it('bounds the characters of results, also when ids come again or are deleted', () => {
    const finished = new Finished(1_000)
    const large = 'x'.repeat(MAX_FINISHED_CHARS / 4)
    for (let n = 0; n < 10; n++) finished.add(entry('same', large))
    expect(finished.size).toBe(1)
    for (const id of ['b', 'c', 'd']) finished.add(entry(id, large))
    expect(finished.size).toBe(4)
    finished.add(entry('e', large))
    expect([finished.size, finished.get('same')]).toEqual([4, undefined])
    finished.delete('b')
    finished.delete('nobody')
    finished.add(entry('f', large))
    expect([finished.size, finished.get('c')?.id]).toEqual([4, 'c'])
  })
})
