import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve as listen } from '@hono/node-server'
import { createMemoryBroker } from '@isobar/core/memory'
import { createProducer } from '@isobar/core/producer'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { Browser } from '../../../../scripts/chromium/browser.ts'
import { recordFigure } from '../../../../scripts/figures.ts'
import { createHttp, createMonitor } from '../../src/http/index.ts'
import { serve } from '../../src/node/index.ts'
import { csv, invoice, send } from './jobs.ts'

/** Jobs that are under way at once. */
const AT_ONCE = 40

/** Jobs after which another type has its turn. */
const BLOCK = 1_000

const JOBS = 10_000

/** How soon a leak has to be named, in ms, and isolates be replaced. */
const NAMED_MS = 60_000

test('a worker with isolates, looked at for 10,000 jobs: what happens is seen, what is done to it is done', async () => {
  await using cleanup = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'isobar-dashboard-'))
  cleanup.defer(() => rmSync(folder, { recursive: true }))
  process.env['DASHBOARD_FOLDER'] = folder
  const broker = createMemoryBroker()
  const producer = createProducer(broker)
  const server = cleanup.use(
    await serve(new URL('../fixtures/dashboard-app.ts', import.meta.url), {
      broker,
      signals: false,
      isolates: { size: 2, memory: '640mb', jobs: Number.POSITIVE_INFINITY },
    }),
  )
  const monitor = createMonitor(server)
  // Behind a prefix, opened without its slash.
  const http = listen({
    fetch: new Hono().route('/ops/isobar', createHttp(monitor, { authorize: () => true })).fetch,
    hostname: '127.0.0.1',
    port: 0,
  })
  cleanup.defer(() => new Promise<void>((resolve) => void http.close(() => resolve())))
  cleanup.defer(() => {
    if ('closeAllConnections' in http) http.closeAllConnections()
  })
  await new Promise((resolve) => http.once('listening', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/ops/isobar`

  const browser = cleanup.use(await Browser.start())
  const page = await browser.open()
  await page.view(1_280, 1_000)
  await page.goto(url)
  await page.until(`document.querySelector('#connection').textContent === 'live'`)

  // Each job that is done is followed by another one; of which type changes, so that the two can be told apart.
  let on = true
  let settled = 0
  const more = (): unknown => {
    if (Math.floor(settled++ / BLOCK) % 2 === 0) return producer.enqueue(send, { to: 'ann@example.org' })
    return producer.enqueue(csv, { leaks: true })
  }
  server.addHook('settle', () => void (on && more()))
  const started = performance.now()
  for (let index = 0; index < AT_ONCE; index++) await more()
  const dead = await producer.enqueue(invoice, { order: 42 })

  const done = `Number([...document.querySelectorAll('#facts div')]
    .find((one) => one.textContent.startsWith('Done')).children[1].textContent.replaceAll(',', ''))`
  const curve = `document.querySelector('#throughput canvas').toDataURL()`
  await page.until(`${done} > 100`)
  const before = await page.ask<string>(curve)
  await page.until(`${curve} !== ${JSON.stringify(before)}`)
  await page.until(`document.querySelectorAll('#isolates tbody tr').length >= 2`)

  // The dead letter comes by itself, its payload without values, is put back, and is done.
  await page.until(`document.querySelector('#dead tbody tr')`)
  expect(await page.ask(`document.querySelector('#dead tbody tr').textContent`)).toMatch(
    /invoice\.pdf.*unrecoverable.*no printer for order 42.*values left out.*"order": "number"/s,
  )
  writeFileSync(join(folder, 'mended'), '')
  await page.ask(`document.querySelector('#dead [data-action=redrive]').click()`)
  await page.until(`document.querySelector('#dead-note').textContent === 'No dead letters.'`)
  await page.ask(
    `document.querySelector('#job-id').value = ${JSON.stringify(dead.id)}; document.querySelector('#job-form').requestSubmit()`,
  )
  await page.until(`document.querySelector('#job-state').textContent === 'done'`)
  await page.until(`document.querySelector('#job-result').textContent.includes('"pages": 2')`)

  // A queue is paused and resumed.
  const pause = `document.querySelector('#queues [aria-label$="the queue sending"]')`
  await page.until(pause)
  await page.ask(`${pause}.click()`)
  await page.until(`${pause}.textContent === 'Resume'`)
  await page.ask(`${pause}.click()`)
  await page.until(`${pause}.textContent === 'Pause'`)

  // The type whose jobs leak is named, that and no other; isolates are replaced.
  await page.until(`document.querySelector('#suspects').textContent.includes('csv.import leaks')`, NAMED_MS)
  const named = (performance.now() - started) / 1_000
  expect(await page.ask(`document.querySelector('#suspects').textContent`)).not.toContain('email.send leaks')
  await page.until(`document.querySelector('#recycles tbody tr')?.textContent.includes('memory')`, NAMED_MS)
  recordFigure('Dashboard: a job type that leaks 60 KB a job is named after', `${named.toFixed(0)} s`)

  // Left open meanwhile.
  const [heap, jobs] = [await page.heapUsed(), await page.ask<number>(done)]
  await page.until(`${done} > ${jobs + JOBS}`, 300_000)
  const grown = (await page.heapUsed()) - heap
  recordFigure(
    'Dashboard: heap of the page, grown over 10,000 jobs',
    `${(grown / 1e3).toFixed(0)} kB of ${(heap / 1e6).toFixed(2)} MB`,
  )
  expect(grown).toBeLessThan(500_000)
  on = false
  expect(page.complaints).toEqual([])
  await page.close()
})
