import { describe, expect, it } from 'vitest'
import { createEntry } from './entry.ts'
import { Queues } from './queues.ts'

const entry = (queue: string) => createEntry({ name: 'n', queue, priority: 'low', text: '1', delayMs: 50 }, 'id', 0, 0)

describe('Queues', () => {
  it('forgets queues that stand empty, for names without end, and none that means something', () => {
    const queues = new Queues()
    queues.open('waiting').push(entry('waiting'), 0)
    queues.open('active').active++
    queues.open('dead').dead++
    queues.pause('paused', true)
    for (let n = 0; n < 20_000; n++) queues.open(`tenant-${n}`)
    expect(queues.size).toBeLessThanOrEqual(1_000)
    expect(['waiting', 'active', 'dead', 'paused'].map((name) => queues.find(name)?.name)).toEqual([
      'waiting',
      'active',
      'dead',
      'paused',
    ])
  })

  it('keeps every queue that is in use, however many', () => {
    const queues = new Queues()
    for (let n = 0; n < 5_000; n++) queues.open(`tenant-${n}`).active++
    expect(queues.size).toBe(5_000)
  })

  it('makes no queue for figures or a resume', () => {
    const queues = new Queues()
    queues.pause('a', false)
    expect(queues.stats('a', 0).paused).toBe(false)
    expect(queues.size).toBe(0)
  })
})
