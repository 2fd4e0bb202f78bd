import { expect, test } from 'vitest'
import { Browser } from './browser.ts'

const page = (script: string): string =>
  `data:text/html,<!doctype html><title>first</title><p>first</p><script>${script}</script>`

test('what is waited for may come on the page after this one, and may throw before', async () => {
  await using browser = await Browser.start()
  const one = await browser.open()
  await one.goto(page(`setTimeout(() => { document.title = 'second' }, 50)`))
  await one.until(`document.title === 'second'`)
  const left = one.until(`document.querySelector('b').textContent === 'third'`)
  await one.goto('data:text/html,<!doctype html><b>third</b>')
  await left
  expect(one.complaints).toEqual([])
})

test('what does not come is said, with what the page shows and what was thrown', async () => {
  await using browser = await Browser.start()
  const one = await browser.open()
  await one.goto(page(''))
  await expect(one.until(`document.querySelector('b').textContent`, 50)).rejects.toMatchObject({
    message: expect.stringMatching(/^did not come within 50 ms: .*\nfirst$/s),
    cause: expect.stringContaining('TypeError'),
  })
  await expect(one.until('no expression at all')).rejects.toThrow('SyntaxError')
})

test('a browser that has ended answers nothing for ever to nobody, and is disposed of all the same', async () => {
  const browser = await Browser.start()
  const [one, other] = [await browser.open(), await browser.open()]
  const asked = one.ask('new Promise(() => {})')
  const ended = expect(asked).rejects.toThrow('Runtime.evaluate')
  await browser[Symbol.asyncDispose]()
  await ended
  await expect(other.ask('1')).rejects.toThrow('Runtime.evaluate: the browser has ended (0)')
  await browser[Symbol.asyncDispose]()
})

test('a page tells what it complains of', async () => {
  await using browser = await Browser.start()
  const one = await browser.open()
  await one.goto(page(`console.warn('mind'); console.log('not this'); setTimeout(() => { throw new Error('oh') })`))
  await one.ask('new Promise((resolve) => setTimeout(resolve))')
  expect(one.complaints).toEqual([expect.stringContaining('mind'), expect.stringContaining('Error: oh')])
})
