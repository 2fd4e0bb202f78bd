import { afterAll, beforeAll, expect } from 'vitest'
import { Browser } from '../../../../scripts/chromium/browser.ts'
import type { Page } from '../../../../scripts/chromium/page.ts'
import { ALL_OF_IT, type Script, ScriptedServer } from './scripted-server.ts'

/** A test file that imports this has a browser, from before its first test until after its last. */
let browser: Browser

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser[Symbol.asyncDispose]()
})

/** Opens the page of a scripted server, and waits until it is live. Sees that it complained of nothing. */
export async function withPage(
  script: Partial<Script>,
  work: (page: Page, server: ScriptedServer) => Promise<void>,
): Promise<void> {
  await using server = new ScriptedServer({ ...ALL_OF_IT, ...script })
  const page = await browser.open()
  await page.view(1_280, 1_000)
  await page.goto(await server.listen())
  await page.until(`document.querySelector('#facts').children.length > 0`)
  await page.until(`document.querySelector('#types tbody tr')`)
  server.tick()
  await page.until(LIVE)
  await work(page, server)
  expect(page.complaints).toEqual([])
  await page.close()
}

/** The page has figures of now. */
export const LIVE: string = `document.querySelector('#connection').textContent === 'live'`

/** A second passes, and is drawn: memory is never the same in two of them. */
export async function drawTick(page: Page, server: ScriptedServer): Promise<void> {
  const words = `document.querySelector('#memory .plot').getAttribute('aria-label')`
  const before = await page.ask<string>(words)
  server.tick()
  await page.until(`${words} !== ${JSON.stringify(before)}`)
}

/** The text of an element, as it is seen. */
export const text = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}).innerText`
