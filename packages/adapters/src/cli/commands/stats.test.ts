import { beforeEach, describe, expect, test } from 'vitest'
import { type ServedFolder, serveFolder } from '../../../test/served-folder.ts'

let at: ServedFolder
beforeEach(async () => {
  at = await serveFolder()
  return () => at[Symbol.asyncDispose]()
})

describe('stats', () => {
  test('shows all queues, or those asked for, as a table and as JSON', async () => {
    expect((await at.run('stats')).out).toBe('no queue holds a job or is paused\n')
    await at.bury('a', 'b')
    await at.enqueue('c', 'd')
    await at.broker.pause('reports')
    const lines = (await at.run('stats')).out.split('\n')
    expect(lines[0]).toBe('QUEUE    READY  DELAYED  ACTIVE  DEAD  OLDEST')
    expect(lines[1]).toMatch(/^email {8}2 {8}0 {7}0 {5}2 +\d s$/)
    expect(lines[2]).toBe('reports      0        0       0     0       -  paused')
    const { queues } = (await at.toJson('stats', 'email')) as { queues: object[] }
    expect(queues).toEqual([
      { queue: 'email', ready: 2, delayed: 0, active: 0, dead: 2, oldestAgeMs: expect.any(Number), paused: false },
    ])
  })

  test('says of a queue that holds nothing which was meant', async () => {
    await at.enqueue('a')
    const { code, out, err } = await at.run('stats', 'emial')
    expect([code, err]).toEqual([0, 'isobar: queue emial holds no job (did you mean email?)\n'])
    expect(out).toMatch(/^emial +0 +0/m)
  })
})
