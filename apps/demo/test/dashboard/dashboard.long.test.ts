import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Browser } from '../../../../scripts/chromium/browser.ts'
import type { Page } from '../../../../scripts/chromium/page.ts'
import { recordFigure } from '../../../../scripts/figures.ts'
import { type DemoProcess, startDemoProcess } from '../demo-process.ts'
import { copyFolder, createEngineFolder } from '../folder.ts'

/** How soon a leak has to be named, in ms. */
const NAMED_MS = 60_000

/** How long webhooks may wait for their turn where the machine is too busy for the traffic: their queue comes late. */
const BUSY_MS = 180_000

/** How soon isolates have to be replaced for it, in ms. */
const RECYCLED_MS = 120_000

/** Jobs that are done before the leak is switched on late: over a minute of traffic. */
const LATE_JOBS = 4_000

/** Where pictures go, if anywhere: `PICTURES=folder`. */
const PICTURES = process.env['PICTURES']

const blank = await createEngineFolder()
afterAll(() => blank[Symbol.asyncDispose]())

/** Opens the dashboard of a demo, where its first line says that it is. */
async function open(demo: DemoProcess, page: Page): Promise<string> {
  const [, url = ''] = await demo.match(/^isobar demo {2}(http:\/\/\S+)/)
  await page.view(1_280, 1_000)
  await page.goto(url)
  await page.until(`document.querySelector('#connection')?.textContent === 'live'`)
  return url
}

/** The text of an element. */
const text = (selector: string): string => `document.querySelector('${selector}').textContent`

const DONE = `Number([...document.querySelectorAll('#facts div')]
  .find((one) => one.textContent.startsWith('Done')).children[1].textContent.replaceAll(',', ''))`

const NAMED = `document.querySelector('#suspects')?.textContent.includes('email.send leaks')`

const RECYCLED = `[...document.querySelectorAll('#recycles tbody tr')].some((row) => row.textContent.includes('memory'))`

/** Rows of dead letters that an outage has left. */
const EXHAUSTED = `[...document.querySelectorAll('#dead tbody tr')]
  .filter((row) => row.textContent.includes('webhook.deliver') && row.textContent.includes('exhausted'))`

/** Pictures of the page as it is: light, dark, and as wide as a phone. */
async function takePictures(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  mkdirSync(PICTURES, { recursive: true })
  for (const [kind, width, scheme] of [
    ['light', 1_280, 'light'],
    ['dark', 1_280, 'dark'],
    ['phone', 375, 'light'],
  ] as const) {
    await page.view(width, 1_000, scheme)
    // Pictures in the page are drawn anew with the next figures.
    const at = await page.ask<string>(DONE_OR_NOTHING)
    await page.until(`${DONE_OR_NOTHING} !== ${JSON.stringify(at)} || !document.querySelector('#facts')`)
    writeFileSync(join(PICTURES, `${name}-${kind}.png`), await page.screenshot())
  }
  await page.view(1_280, 1_000)
}

const DONE_OR_NOTHING = `(document.querySelector('#facts')?.textContent ?? '')`

/** Chooses the dead letters of the queue that the outage is about. */
async function showDeadWebhooks(page: Page): Promise<void> {
  const queue = `document.querySelector('#dead-queue')`
  await page.until(`[...${queue}.options].some(({ value }) => value === 'webhook:process')`)
  await page.ask(`${queue}.value = 'webhook:process'; ${queue}.dispatchEvent(new Event('change'))`)
}

/** The sentinel's finding, and no other job type with it. */
async function expectOnlySending(page: Page): Promise<void> {
  expect(await page.ask(text('#suspects'))).toMatch(/email\.send leaks/)
  expect((await page.ask<string>(text('#suspects'))).match(/leaks/g)).toHaveLength(1)
}

async function expectDrained(demo: DemoProcess): Promise<void> {
  demo.kill('SIGINT')
  expect(await demo.ended).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/drained: fed [\d,]+/) })
}

test('opened as a user opens it: the curve moves, dead letters are redriven and done, a leak switched on late is named', async () => {
  await using folder = await copyFolder(blank)
  await using demo = startDemoProcess('--folder', folder.path, '--port', '0')
  await using browser = await Browser.start()
  const page = await browser.open()
  const url = await open(demo, page)

  const curve = `document.querySelector('#throughput canvas').toDataURL()`
  await page.until(`${DONE} > 100`)
  const before = await page.ask<string>(curve)
  await page.until(`${curve} !== ${JSON.stringify(before)}`)
  await page.until(`document.querySelectorAll('#isolates tbody tr').length >= 2`)

  // Customers' servers fail, and what was sent to them meanwhile is dead.
  await page.goto(`${url}/switches`)
  await takePictures(page, 'switches')
  await page.click('form[action="/switches/outage"] button')
  await page.until(`${text('#outage')} === 'Customers’ servers are down: on'`)
  await page.goto(url)
  await showDeadWebhooks(page)
  await page.until(`${EXHAUSTED}.length >= 3`, BUSY_MS)
  await takePictures(page, 'outage')
  await page.goto(`${url}/switches`)
  await page.click('form[action="/switches/outage"] button')
  await page.until(`${text('#outage')} === 'Customers’ servers are down: off'`)
  await page.goto(url)
  await showDeadWebhooks(page)

  // One of them is redriven, and is done.
  await page.until(`${EXHAUSTED}.length >= 3`)
  await page.ask(`${EXHAUSTED}[0].querySelector('details').open = true`)
  const id = await page.ask<string>(`${EXHAUSTED}[0].querySelector('dd').textContent`)
  expect(id).toMatch(/^job-\d+$/)
  await page.ask(`${EXHAUSTED}[0].querySelector('[data-action=redrive]').click()`)
  await page.until(`${text('#said')} === '1 dead letter put back into the queue.'`)
  await page.ask(
    `document.querySelector('#job-id').value = '${id}'; document.querySelector('#job-form').requestSubmit()`,
  )
  await page.until(`${text('#job-state')} === 'done'`, BUSY_MS)
  // Then all that are left of the queue. Those that no outage was the reason of are soon back.
  const all = `[...document.querySelectorAll('#dead-actions button')].find(({ textContent }) => textContent.startsWith('Redrive all'))`
  await page.until(`${all} && !${all}.hidden`)
  await page.ask(`${all}.click()`)
  await page.until(`document.querySelectorAll('#dead tbody tr').length > 0 && ${EXHAUSTED}.length === 0`, BUSY_MS)

  // Nothing leaks, and nothing is said to, for over a minute; then sending does.
  await page.until(`${DONE} > ${LATE_JOBS}`, 5 * NAMED_MS)
  expect(await page.ask(text('#suspects'))).not.toContain('leaks')
  await page.goto(`${url}/switches`)
  await page.click('form[action="/switches/leak"] button')
  await page.until(`${text('#leak')} === 'Sending leaks: on'`)
  const switchedAt = performance.now()
  await page.goto(url)
  await page.until(NAMED, NAMED_MS)
  const seconds = (performance.now() - switchedAt) / 1_000
  recordFigure('The demo: a leak that is switched on after 4,000 jobs is named after', `${seconds.toFixed(0)} s`)
  await expectOnlySending(page)
  await page.until(RECYCLED, RECYCLED_MS)
  await takePictures(page, 'late-leak')
  await expectDrained(demo)
  expect(page.complaints).toEqual([])
})

test('a leak from the start is named within a minute, and isolates are replaced for it', async () => {
  await using demo = startDemoProcess('--memory', '--port', '0', '--leak')
  await using browser = await Browser.start()
  const page = await browser.open()
  await open(demo, page)
  const openedAt = performance.now()
  await page.until(NAMED, NAMED_MS)
  const seconds = (performance.now() - openedAt) / 1_000
  recordFigure('The demo: a leak from the start is named after', `${seconds.toFixed(0)} s`)
  await expectOnlySending(page)
  await page.until(RECYCLED, RECYCLED_MS)
  await takePictures(page, 'leak')
  await expectDrained(demo)
  expect(page.complaints).toEqual([])
})
