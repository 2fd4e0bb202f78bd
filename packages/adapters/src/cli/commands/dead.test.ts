import { beforeEach, describe, expect, test } from 'vitest'
import { type ServedFolder, serveFolder } from '../../../test/served-folder.ts'

let at: ServedFolder
beforeEach(async () => {
  at = await serveFolder()
  return () => at[Symbol.asyncDispose]()
})

describe('dead letters', () => {
  test('are listed in pages, newest first, errors on a line of their own', async () => {
    await at.bury('a')
    await at.bury('b')
    const first = await at.run('dead', 'list', '--limit', '1')
    expect(first.out.split('\n')).toEqual([
      'ID  JOB         QUEUE  REASON     DIED',
      expect.stringMatching(/^b {3}email\.send {2}email {2}exhausted {2}\d+ s ago$/),
      '  0 attempts, Error: refused\\n\\x1b[31mby the server',
      expect.stringMatching(/^more: --cursor \S+$/),
      '',
    ])
    const cursor = /--cursor (\S+)/.exec(first.out)?.[1] as string
    expect(await at.toJson('dead', 'list', '--cursor', cursor, '--queue', 'email')).toMatchObject({
      items: [{ id: 'a', reason: 'exhausted', error: { code: 'SMTP' }, payload: { text: '1' } }],
    })
    expect((await at.run('dead', 'list', '--queue', 'none')).out).toBe('no dead letters\n')
    expect(await at.run('dead', 'list', '--cursor', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('OPTION'),
    })
    expect(await at.run('dead', 'list', '--limit', 'all')).toMatchObject({ code: 2 })
  })

  test('are redriven by id and by queue', async () => {
    await at.bury('a', 'b', 'c')
    expect(await at.toJson('dead', 'redrive', 'a')).toEqual({ redriven: 1 })
    const some = await at.run('dead', 'redrive', 'b', 'x', 'y', 'b')
    expect([some.code, some.out]).toEqual([3, 'redriven: 1\n'])
    expect(some.err).toContain('2 of 3 ids are of no dead letter')
    expect((await at.run('dead', 'redrive', '--queue', 'email')).out).toBe('redriven: 1\n')
    expect(await at.broker.stats(['email'])).toMatchObject([{ ready: 3, dead: 0 }])
    expect(await at.run('dead', 'redrive')).toMatchObject({ code: 2 })
    expect(await at.run('dead', 'redrive', 'a', '--queue', 'email')).toMatchObject({ code: 2 })
  })

  test('are discarded by id; a whole queue of them only with a word more', async () => {
    await at.bury('a', 'b', 'c')
    expect((await at.run('dead', 'discard', 'a')).out).toBe('discarded: 1\n')
    const unsaid = await at.run('dead', 'discard', '--queue', 'email')
    expect(unsaid).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') })
    expect(await at.broker.stats(['email'])).toMatchObject([{ dead: 2 }])
    expect(await at.toJson('dead', 'discard', '--queue', 'email', '--yes')).toEqual({ discarded: 2 })
  })

  test('of a whole queue are discarded at a terminal once its name is typed', async () => {
    await at.bury('a')
    const discard = (answer: string) => at.isobar(['dead', 'discard', '--queue', 'email'], { ask: () => answer })
    for (const answer of ['', 'yes', 'e-mail']) {
      expect(await discard(answer)).toMatchObject({ code: 1, err: expect.stringContaining('NOT_CONFIRMED') })
    }
    expect(await discard(' email ')).toMatchObject({ code: 0, out: 'discarded: 1\n' })
  })
})
