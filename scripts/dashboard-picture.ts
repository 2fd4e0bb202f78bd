/**
 * `pnpm dashboard-picture`: the picture of the dashboard in the README. Serves the demo in memory with its leak switched on,
 * looks at it in Chromium until the sentinel has named the leak, isolates were replaced for it and the charts are full, and
 * writes `docs/dashboard.png`. Takes some two minutes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Browser } from './chromium/browser.ts'

const PICTURE = new URL('../docs/dashboard.png', import.meta.url)

/** Jobs a second, and how wide and high the picture is in CSS pixels. */
const RATE = 100
const WIDTH = 1_280
const HEIGHT = 1_000

/** Isolates that are replaced before the picture is made. */
const RECYCLES = 5

/** What the page says when it has figures of two minutes: the shortest time that its charts show. */
const FULL = `/^Up\\s*[2-9] min/.test(document.querySelector('#facts').textContent)`

/** How long the leak may take to be named, and then isolates to be replaced, in ms. */
const NAMED_MS = 240_000

const args = ['apps/demo/src/node.ts', '--memory', '--port', '0', '--rate', `${RATE}`, '--leak']
const demo = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const url = await urlOf(demo.stdout)
  await using browser = await Browser.start()
  const page = await browser.open()
  await page.view(WIDTH, HEIGHT)
  await page.goto(url)
  await page.until(`document.querySelector('#suspects')?.textContent.includes('email.send')`, NAMED_MS)
  await page.until(`document.querySelectorAll('#recycles tbody tr').length >= ${RECYCLES}`, NAMED_MS)
  await page.until(FULL, NAMED_MS)
  writeFileSync(PICTURE, await page.screenshot(0, HEIGHT))
} finally {
  demo.kill('SIGTERM')
  await once(demo, 'exit')
}

/** Where the demo says that it answers. */
async function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(line) ?? []
    if (url) return url
  }
  throw new Error('the demo ended without saying where it answers')
}
