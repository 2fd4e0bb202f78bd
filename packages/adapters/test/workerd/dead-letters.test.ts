import { expect, test } from 'vitest'
import { dispatchAll, idsOf, listAll, openLetters, type Page, toLetter } from './dead-letters.ts'
import { toMessage } from './messages.ts'

test('a letter is kept with all there is to know, once, whatever is delivered twice', async () => {
  const workerd = await openLetters()
  const letter = toLetter('a', { tenant: 'acme' })
  const again = { ...letter, id: 'another' }
  expect((await workerd.dispatch('dead', [letter, again])).explicitAcks).toEqual(['m:a', 'another'])
  await workerd.dispatch('dead', [letter])
  expect(await listAll(workerd)).toEqual([
    {
      ...{ id: 'a', name: 'act', queue: 'jobs', priority: 'normal', tenant: 'acme', reason: 'exhausted' },
      ...{ attempts: 5, crashes: 1, enqueuedAt: 1_000, diedAt: 2_000, redrives: 0 },
      error: { name: 'TypeError', message: 'it failed', stack: expect.any(String) },
      payload: { text: '"data of a"' },
    },
  ])
})

test('pages come newest first, miss nothing and show nothing twice, with ties and between deaths', async () => {
  const workerd = await openLetters()
  const letters = Array.from({ length: 250 }, (_, n) => toLetter(`${n}`, { diedAt: 1_000 + Math.floor(n / 40) }))
  await dispatchAll(workerd, letters)
  const all = await listAll(workerd, { limit: 33 })
  expect(new Set(idsOf(all)).size).toBe(250)
  expect(all.length).toBe(250)
  expect(all.map(({ diedAt }) => diedAt)).toEqual(all.map(({ diedAt }) => diedAt).sort((a, b) => b - a))
  const first: Page = await workerd.ask('/list', { limit: 10 })
  await workerd.dispatch('dead', [toLetter('new', { diedAt: 9_999 })])
  const second: Page = await workerd.ask('/list', { limit: 10, cursor: first.cursor })
  expect(idsOf([...first.items, ...second.items])).toEqual(idsOf(all.slice(0, 20)))
  expect(await workerd.ask('/list', { cursor: 'x' })).toMatchObject({ code: 'OPTION' })
})

test('letters over their time are deleted', async () => {
  const workerd = await openLetters()
  const now = Date.now()
  await workerd.dispatch('short', [toLetter('old', { diedAt: now - 7_200_000 }), toLetter('new', { diedAt: now })])
  expect(idsOf(await listAll(workerd))).toEqual(['new'])
})

test('a letter that D1 does not take holds up no other', async () => {
  const workerd = await openLetters()
  await workerd.ask('/refuse', { id: 'b' })
  const { explicitAcks, retryMessages } = await workerd.dispatch(
    'dead',
    ['a', 'b', 'c'].map((id) => toLetter(id)),
  )
  expect(explicitAcks).toEqual(['m:a', 'm:c'])
  expect(retryMessages).toEqual([{ msgId: 'm:b', delaySeconds: 30 }])
  expect(idsOf(await listAll(workerd)).sort()).toEqual(['a', 'c'])
})

test('a forged header spoils no batch, and is kept as it came', async () => {
  const workerd = await openLetters()
  const forged = [
    '{"isobarDead":1,"id":7}\nbody',
    '{"isobarDead":1,\n',
    { isobarDead: 1, id: 'x', body: 'y' },
    null,
    'nul \0 in it',
  ]
  const messages = forged.map((body, at) => toMessage(body, { id: `${at}` }))
  expect((await workerd.dispatch('dead', [...messages, toLetter('a')])).explicitAcks.length).toBe(6)
  const letters = await listAll(workerd)
  expect(letters.filter(({ reason }) => reason === 'unreadable').length).toBe(5)
  expect(await workerd.ask('/redrive-raw', { ids: ['4'] })).toBe(1)
  expect(await workerd.ask('/back', {})).toEqual(['4 "nul \\u0000 in it"'])
})

test('while D1 fails letters come again, later each time, and are kept when it is well', async () => {
  const workerd = await openLetters()
  await workerd.dispatch('dead', [toLetter('a')])
  await workerd.ask('/break', {})
  const letters = [toLetter('b'), { ...toLetter('c'), attempts: 4 }, { ...toLetter('d'), attempts: 90 }]
  const { explicitAcks, retryMessages } = await workerd.dispatch('dead', letters)
  expect(explicitAcks).toEqual([])
  expect(retryMessages.map(({ delaySeconds }) => delaySeconds)).toEqual([30, 240, 3_600])
  expect(await workerd.ask('/list', {})).toMatchObject({ code: 'DEAD_LETTERS' })
  await workerd.ask('/drop', {})
  expect((await workerd.dispatch('dead', letters)).explicitAcks).toEqual(['m:b', 'm:c', 'm:d'])
  expect(idsOf(await listAll(workerd)).sort()).toEqual(['b', 'c', 'd'])
})

test('a batch of the largest letters is kept, bytes and text', async () => {
  const workerd = await openLetters()
  const text = Array.from({ length: 40 }, (_, n) => toLetter(`text ${n}`, { body: 't'.repeat(123_000) }))
  const bytes = Array.from({ length: 40 }, (_, n) => toLetter(`bytes ${n}`, { body: new Uint8Array(123_000).fill(n) }))
  const raw = toMessage(new Uint8Array(127_800).fill(9), { id: 'raw' })
  expect((await workerd.dispatch('dead', [...text, ...bytes, raw])).explicitAcks.length).toBe(81)
  const reasons = await workerd.ask<string[]>('/reasons', { limit: 1_000 })
  expect(reasons.length).toBe(81)
  expect(reasons).toContain('raw oversized')
  expect(reasons).toContain('bytes 39 exhausted')
  await workerd.ask('/redrive-raw', { ids: ['bytes 39'] })
  const sent = `bytes 39 ${Array(123_000).fill(39)}`
  expect(((await workerd.ask('/back', {})) as string[])[0] === sent).toBe(true)
})
