import { beforeEach, describe, expect, test } from 'vitest'
import { type ServedFolder, serveFolder } from '../../../test/served-folder.ts'

let at: ServedFolder
beforeEach(async () => {
  at = await serveFolder()
  return () => at[Symbol.asyncDispose]()
})

describe('jobs', () => {
  test('are shown with all that is known of them', async () => {
    await at.enqueue('one')
    await at.broker.progress((await at.take(1))[0] as never, { page: 3 })
    const { code, out } = await at.run('jobs', 'show', 'one')
    expect(code).toBe(0)
    expect(out.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z \([^)]+\)/g, 'WHEN')).toBe(`id        one
name      email.send
queue     email
state     running
priority  normal
attempt   1
crashes   0
enqueued  WHEN
lease     WHEN
worker    worker-1
progress  {"page":3}
`)
    expect(await at.toJson('jobs', 'show', 'one')).toEqual(await at.broker.get('one'))
  })

  test('are shown with what they failed on, on one line', async () => {
    await at.bury('one')
    const { out } = await at.run('jobs', 'show', 'one')
    expect(out).toContain('state     dead (exhausted)\n')
    expect(out).toContain('error     Error: refused\\n\\x1b[31mby the server (SMTP)\n')
  })

  test('are cancelled while they wait or run', async () => {
    await at.enqueue('one', 'two')
    await at.take(1)
    expect((await at.run('jobs', 'cancel', 'one')).out).toBe('canceled one; it was running, and its signal aborts\n')
    expect(await at.toJson('jobs', 'cancel', 'two')).toEqual({ id: 'two', canceled: true })
    const again = await at.run('jobs', 'cancel', 'two', '--json')
    expect([again.code, JSON.parse(again.out)]).toEqual([1, { id: 'two', canceled: false, state: 'canceled' }])
  })

  test('that nobody knows are not found', async () => {
    for (const action of ['show', 'cancel']) {
      const { code, out, err } = await at.run('jobs', action, 'none')
      expect([code, out]).toEqual([3, ''])
      expect(err).toMatch(/^isobar: NOT_FOUND: there is no job none .*\n$/)
    }
  })
})
