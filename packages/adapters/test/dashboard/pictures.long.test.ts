import { describe, expect, test } from 'vitest'
import { recordFigure } from '../../../../scripts/figures.ts'
import { CUT_OFF, extentOf } from './canvas-ink.ts'
import { drawTick, text, withPage } from './scripted-page.ts'
import { STARTED_AT } from './scripted-points.ts'

describe('the pictures', () => {
  test('a suspect is named, in words and in the table, and said once', () =>
    withPage({ points: 700 }, async (page) => {
      expect(await page.ask(text('#suspects'))).toMatch(
        /^csv\.import leaks: each job leaves 4\d(\.\d)?\skB behind \(95 %: .*\skB\)\.$/,
      )
      expect(await page.ask(`document.querySelector('#suspects-spoken').textContent`)).toBe(
        'Suspected of leaking: csv.import.',
      )
      expect(await page.ask(text('#types tbody tr'))).toMatch(/csv\.import\s*suspect/)
      expect(await page.ask(`document.querySelectorAll('#types .badge:not([hidden])').length`)).toBe(1)
    }))

  test('a suspect appears, and a recycle, while one looks', () =>
    withPage({ points: 338 }, async (page, server) => {
      expect(await page.ask(text('#suspects'))).toMatch(/^No job type is suspected/)
      const recycles = await page.ask<number>(`document.querySelectorAll('#recycles tbody tr').length`)
      for (let second = 0; second < 30; second++) server.tick()
      await page.until(`${text('#suspects')}.startsWith('csv.import leaks')`)
      await page.until(`document.querySelectorAll('#recycles tbody tr').length > ${recycles}`)
      expect(await page.ask(text('#recycles tbody tr'))).toMatch(/memory/)
    }))

  test.each(['leaks', 'memory', 'throughput', 'latency', 'depth', 'age'])(
    'the curve of %s moves, and says what it shows',
    (id) =>
      withPage({ points: 320 }, async (page, server) => {
        const picture = `document.querySelector('#${id} canvas').toDataURL()`
        const words = `document.querySelector('#${id} .plot').getAttribute('aria-label')`
        const before = [await page.ask<string>(picture), await page.ask<string>(words)]
        for (let second = 0; second < 5; second++) server.tick()
        await page.until(`${words} !== ${JSON.stringify(before[1])}`)
        expect(await page.ask(picture)).not.toBe(before[0])
        expect(before[1]).toMatch(/, the last 15 minutes\. .*: now .*, from .* to /)
      }),
  )

  test('types of which too little is known have no line, no say in the axis, and the last rows', () =>
    withPage({}, async (page) => {
      const drawn = `document.querySelector('#leaks .plot').getAttribute('aria-label')`
      expect(await page.ask(drawn)).toMatch(/csv\.import.*invoice\.pdf/)
      expect(await page.ask(drawn)).not.toMatch(/report\.nightly|analytics\.aggregate/)
      const rows = await page.ask<string[]>(
        `[...document.querySelectorAll('#types tbody tr')].slice(-2).map((row) => row.innerText.replace(/\\s+/g, ' '))`,
      )
      expect(rows).toEqual(['report.nightly – too few jobs yet', 'analytics.aggregate – too few jobs yet'])
      // The line of the leak begins near zero: at the foot of the picture, when the axis is that of what is known.
      const { top, foot } = await page.ask<{ top: number; foot: number }>(extentOf('b3261e'))
      expect(top).toBeLessThan(0.25)
      expect(foot).toBeGreaterThan(0.8)
    }))

  test('a type of which enough has become known gets its line', () =>
    withPage({ points: 50 }, async (page, server) => {
      const row = `[...document.querySelectorAll('#types tbody tr')].find((one) => one.innerText.startsWith('webhook.call')).innerText`
      const drawn = `document.querySelector('#leaks .plot').getAttribute('aria-label').includes('webhook.call')`
      expect(await page.ask(row)).toMatch(/too few jobs yet/)
      expect(await page.ask(drawn)).toBe(false)
      for (let second = 0; second < 12; second++) server.tick()
      await page.until(drawn)
      expect(await page.ask(row)).toMatch(/3\sB\s+−100 to 120\sB/)
    }))

  test('no time below an axis is cut off', () =>
    withPage({ points: 100 }, async (page, server) => {
      for (let second = 0; second < 12; second++) {
        await drawTick(page, server)
        expect(await page.ask(CUT_OFF)).toEqual([])
      }
    }))

  test('the keyboard points, too: from point to point, in all of them, and it is told', () =>
    withPage({ points: 320 }, async (page, server) => {
      const at = (id: string): string => `document.querySelector('#${id} .at').textContent`
      const time = (second: number): Promise<string> =>
        page.ask(
          `'at ' + new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(${STARTED_AT + second * 1_000})`,
        )
      const seen = async (second: number): Promise<void> => {
        const wanted = JSON.stringify(await time(second))
        for (const id of ['throughput', 'leaks', 'memory']) await page.until(`${at(id)} === ${wanted}`)
      }
      await page.ask(`document.querySelector('#throughput .plot').focus()`)
      await page.press('ArrowLeft')
      await seen(320)
      await page.press('ArrowLeft')
      await page.press('ArrowLeft')
      await seen(318)
      await page.press('ArrowRight')
      await seen(319)
      const told = `document.querySelector('#pointed').textContent`
      await page.until(`${told}.startsWith(${JSON.stringify((await time(319)).slice(3))})`)
      expect(await page.ask(told)).toMatch(/^\d\d:\d\d:\d\d: done \d+, retried \d, dead \d$/)
      // It stays at its second, in all of them, while others come, and nothing is told of that.
      const before = await page.ask<string>(told)
      for (let second = 0; second < 5; second++) await drawTick(page, server)
      await seen(319)
      expect(await page.ask(told)).toBe(before)
      await page.press('Home')
      await seen(0)
      await page.press('End')
      await seen(325)
      await page.press('Escape')
      for (const id of ['throughput', 'leaks', 'memory']) await page.until(`${at(id)} === ''`)
      await page.until(`${told} === ''`)
      await page.press('Home')
      await seen(0)
      await page.press('Tab')
      await page.until(`${at('leaks')} === ''`)
    }))

  test('the second that is pointed at is read out, in all of them', () =>
    withPage({}, async (page) => {
      const { x, y } = await page.ask<{ x: number; y: number }>(
        `(({ x, y, width }) => ({ x: x + width / 2, y: y + 50 }))(document.querySelector('#leaks .u-over').getBoundingClientRect())`,
      )
      await page.point(x, y)
      await page.until(`document.querySelector('#leaks .at').textContent.startsWith('at ')`)
      expect(await page.ask(`document.querySelector('#throughput .at').textContent`)).toBe(
        await page.ask(`document.querySelector('#leaks .at').textContent`),
      )
    }))
})

test('left open for 10,000 points it holds no more than it did when warm', () =>
  withPage({ points: 10 }, async (page, server) => {
    const run = async (points: number): Promise<void> => {
      for (let sent = 0; sent < points; sent += 50) {
        for (let second = 0; second < 50; second++) server.tick()
        // Drawn each time, as it is when one comes a second.
        await page.ask(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`)
      }
    }
    // Code is compiled, and its ways are learnt, for some thousand points.
    await run(5_000)
    const before = { heap: await page.heapUsed(), ...(await page.counters()) }
    await run(10_000)
    const after = { heap: await page.heapUsed(), ...(await page.counters()) }
    recordFigure(
      'Dashboard: heap of the page before and after 10,000 points',
      `${mb(before.heap)} and ${mb(after.heap)}`,
    )
    // 15 bytes a point: not even its time could be kept.
    expect(after.heap - before.heap).toBeLessThan(150_000)
    expect(after.nodes).toBe(before.nodes)
    expect(after.jsEventListeners).toBeLessThanOrEqual(before.jsEventListeners)
  }))

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`
