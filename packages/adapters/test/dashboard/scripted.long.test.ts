import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordFigure } from '../../../../scripts/figures.ts'
import { Browser, type Page } from './browser.ts'
import { ALL_OF_IT, type Script, ScriptedServer } from './scripted-server.ts'

let browser: Browser

beforeAll(async () => {
  browser = await Browser.start()
})

afterAll(async () => {
  await browser[Symbol.asyncDispose]()
})

/** Opens the page of a scripted server, and waits until it is live. Sees that it complained of nothing. */
async function withPage(
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

const LIVE = `document.querySelector('#connection').textContent === 'live'`

const text = (selector: string): string => `document.querySelector(${JSON.stringify(selector)}).innerText`

/** Everything that can be reached, as the page is now, in the order of the document. */
const CONTROLS = `[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((one) => one.checkVisibility() && !one.closest('dialog'))`

const NAME = `((one) => (one.getAttribute('aria-label') ?? one.id) + '|' + one.textContent.slice(0, 40))`

describe('the pictures', () => {
  test('a suspect is named, in words and in the table, and said once', () =>
    withPage({ points: 700 }, async (page) => {
      expect(await page.ask(text('#suspects'))).toMatch(
        /^csv\.import leaks: each job leaves 4\d(\.\d)? kB behind \(95 %: .* kB\)\.$/,
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

test('a connection that is lost is said, tried again, and comes back', () =>
  withPage({}, async (page, server) => {
    server.down = true
    server.hangUp()
    await page.until(`document.querySelector('#connection').textContent.includes('Next try in')`)
    expect(await page.ask(text('#connection'))).toMatch(
      /^The connection to the server is lost\. Last figures: \d\d:\d\d:\d\d\. Next try in \d+/,
    )
    await page.until(`document.body.classList.contains('stale')`)
    await page.until(`document.querySelector('#connection').textContent.startsWith('The server answered 503')`)
    server.down = false
    await server.untilStream()
    server.tick(60)
    await page.until(LIVE)
    // What a server that is down costs in the console is no fault of the page.
    page.complaints.splice(
      0,
      page.complaints.length,
      ...page.complaints.filter((one) => !one.includes('503') && !one.includes('ERR_')),
    )
  }))

describe('dead letters', () => {
  test('one is redriven, and the next one has the focus', () =>
    withPage({ letters: 3 }, async (page, server) => {
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 3`)
      await page.ask(`document.querySelector('#dead [data-action=redrive]').focus()`)
      await page.press('Enter')
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 2`)
      expect(server.changes).toEqual(['api/dead-letters/redrive {"ids":["0198c0de-0000-7000-8000-000000000000"]}'])
      await page.until(`document.querySelector('#said').textContent === '1 dead letter put back into the queue.'`)
      expect(await page.ask(`document.activeElement.getAttribute('aria-label')`)).toBe(
        'Redrive email.incoming, 0198c0de-0000-7000-8000-000000000001',
      )
    }))

  test('discarding asks first: Escape keeps, and gives the focus back', () =>
    withPage({ letters: 1 }, async (page, server) => {
      await page.until(`document.querySelector('#dead [data-action=discard]')`)
      await page.ask(`document.querySelector('#dead [data-action=discard]').focus()`)
      await page.press('Enter')
      await page.until(`document.querySelector('#confirm').open`)
      expect(await page.ask(text('#confirm-question'))).toMatch(
        /^Discard the dead letter of email\.send .* cannot be undone\.$/,
      )
      expect(await page.ask(`document.activeElement.textContent`)).toBe('Keep')
      await page.press('Escape')
      await page.until(`!document.querySelector('#confirm').open`)
      expect(await page.ask(`document.activeElement.dataset.action`)).toBe('discard')
      expect(server.changes).toEqual([])
      await page.press('Enter')
      await page.until(`document.querySelector('#confirm').open`)
      await page.press('Tab')
      await page.press('Enter')
      await page.until(`document.querySelector('#dead-note').textContent === 'No dead letters.'`)
      expect(server.changes).toEqual(['api/dead-letters/discard {"ids":["0198c0de-0000-7000-8000-000000000000"]}'])
      expect(await page.ask(`document.activeElement.id`)).toBe('dead-title')
    }))

  test('by queue', () =>
    withPage({ letters: 6 }, async (page, server) => {
      const button = `[...document.querySelectorAll('#dead-actions button')].find((one) => one.textContent.startsWith('Redrive all'))`
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 6`)
      expect(await page.ask(`${button}.checkVisibility()`)).toBe(false)
      await page.ask(
        `(() => { const list = document.querySelector('#dead-queue'); list.value = 'bulk'; list.dispatchEvent(new Event('change')) })()`,
      )
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 2`)
      await page.ask(`${button}.click()`)
      await page.until(`document.querySelector('#dead-note').textContent === 'No dead letters.'`)
      expect(server.changes).toEqual(['api/dead-letters/redrive {"queue":"bulk"}'])
    }))

  test('pages, forth and back', () =>
    withPage({ letters: 45 }, async (page) => {
      const rows = (count: number, first: number): Promise<void> =>
        page.until(`document.querySelectorAll('#dead tbody tr').length === ${count} &&
          document.querySelector('#dead dd').textContent.endsWith('${String(first).padStart(12, '0')}')`)
      const press = (name: string): Promise<void> =>
        page.ask(
          `[...document.querySelectorAll('#dead-pages button')].find((one) => one.textContent === '${name}').click()`,
        )
      await rows(20, 0)
      await press('Older')
      await rows(20, 20)
      await press('Older')
      await rows(5, 40)
      await press('Older')
      await press('Newer')
      await rows(20, 20)
    }))

  test('values are shown when they are asked for, and may be', () =>
    withPage({ letters: 1 }, async (page) => {
      await page.until(`document.querySelector('#dead details')`)
      await page.ask(`document.querySelector('#dead details').open = true`)
      expect(await page.ask(text('#dead details'))).toMatch(/61 B, values left out[\s\S]*"to": "string"/)
      await page.ask(`document.querySelector('#dead-values').click()`)
      await page.until(`document.querySelector('#dead pre').textContent.includes('ann@example.org')`)
      expect(await page.ask(`document.querySelector('#dead details').open`)).toBe(true)
      await page.ask(`document.querySelector('#dead-values').click()`)
      await page.until(`!document.querySelector('#dead pre').textContent.includes('ann@example.org')`)
    }))
})

test('queues are paused and resumed', () =>
  withPage({}, async (page, server) => {
    const button = `document.querySelector('#queues tbody button')`
    await page.until(button)
    await page.ask(`${button}.click()`)
    await page.until(`${button}.getAttribute('aria-label') === 'Resume the queue email-sending'`)
    await page.until(`document.querySelector('#said').textContent === 'The queue email-sending is paused.'`)
    await page.ask(`${button}.click()`)
    await page.until(`${button}.getAttribute('aria-label') === 'Pause the queue email-sending'`)
    expect(server.changes).toEqual(['api/queues/email-sending/pause {}', 'api/queues/email-sending/resume {}'])
  }))

test('a job is found by its id with the keyboard, and canceled; another is said not to be there', () =>
  withPage({}, async (page, server) => {
    await page.ask(`document.querySelector('#job-id').focus()`)
    await page.type('42')
    await page.press('Enter')
    await page.until(`!document.querySelector('#job').hidden`)
    expect(await page.ask(text('#job'))).toMatch(/csv\.import running[\s\S]*"rows": 1204[\s\S]*Error: row 1204/)
    await page.ask(`document.querySelector('#job-actions button').click()`)
    await page.until(`document.querySelector('#job-state').textContent === 'canceled'`)
    expect(await page.ask(`document.querySelector('#job-actions button').checkVisibility()`)).toBe(false)
    expect(server.changes).toEqual(['api/jobs/42/cancel {}'])
    await page.ask(
      `document.querySelector('#job-id').value = '43'; document.querySelector('#job-form').requestSubmit()`,
    )
    await page.until(`document.querySelector('#said').textContent === 'there is no such job'`)
    expect(await page.ask(`document.querySelector('#job').hidden`)).toBe(true)
    page.complaints.splice(0, page.complaints.length, ...page.complaints.filter((one) => !one.includes('404')))
  }))

describe('what may not be done', () => {
  test('is not offered to who may only read', () =>
    withPage({ may: { write: false, payloads: false } }, async (page) => {
      await page.until(`document.querySelector('#dead tbody tr')`)
      await page.until(`document.querySelector('#queues tbody tr')`)
      const controls = await page.ask<string[]>(`${CONTROLS}.map((one) => one.textContent || one.id)`)
      const wrong = /Pause|Resume|Redrive|Discard|Recycle|Cancel|dead-values/
      expect(controls.filter((name) => wrong.test(name))).toEqual([])
      expect(await page.ask(text('#read-only'))).toBe('read-only')
    }))

  test('nor is what the broker cannot', () =>
    withPage({ can: { deadLetter: false, lookup: false, pause: false, stats: true } }, async (page) => {
      await page.until(`document.querySelector('#queues tbody tr')`)
      expect(
        await page.ask(
          `['dead-section', 'job-section', 'queues-section'].map((id) => document.getElementById(id).checkVisibility())`,
        ),
      ).toEqual([false, false, true])
      expect(
        await page.ask(
          `[...document.querySelectorAll('#queues button')].filter((one) => one.checkVisibility()).length`,
        ),
      ).toBe(0)
      expect(
        await page.ask(
          `[...document.querySelectorAll('nav a')].filter((one) => one.checkVisibility()).map((one) => one.textContent)`,
        ),
      ).toEqual(['Memory', 'Throughput', 'Isolates', 'Queues'])
    }))
})

describe('for everybody', () => {
  test('the keyboard reaches every control, in the order of the page, with a focus that is seen', () =>
    withPage({ letters: 3 }, async (page) => {
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 3`)
      await page.until(`document.querySelector('#queues tbody tr')`)
      const wanted = await page.ask<string[]>(`${CONTROLS}.map(${NAME})`)
      const reached: string[] = []
      const unseen: string[] = []
      for (let index = 0; index < wanted.length; index++) {
        await page.press('Tab')
        const { name, seen } = await page.ask<{ name: string; seen: boolean }>(`(() => {
          const one = document.activeElement
          const { outlineStyle, outlineWidth } = getComputedStyle(one)
          return { name: ${NAME}(one), seen: outlineStyle === 'solid' && parseFloat(outlineWidth) >= 2 }
        })()`)
        reached.push(name)
        if (!seen) unseen.push(name)
      }
      expect(reached).toEqual(wanted)
      expect(wanted.length).toBeGreaterThan(20)
      expect(unseen).toEqual([])
    }))

  test('everything has a name and a role for screen readers', () =>
    withPage({ letters: 3 }, async (page) => {
      await page.until(`document.querySelectorAll('#dead tbody tr').length === 3`)
      const nodes = await page.accessibility()
      const of = (role: string): string[] => nodes.filter((node) => node.role === role).map(({ name }) => name)
      for (const role of [
        'button',
        'link',
        'textbox',
        'combobox',
        'checkbox',
        'table',
        'columnheader',
        'image',
        'region',
      ])
        expect(
          of(role).filter((name) => name === ''),
          role,
        ).toEqual([])
      expect(of('table').sort()).toEqual([
        'Bytes per job by job type',
        'Dead letters',
        'Isolates',
        'Last recycles',
        'Queues',
      ])
      expect(of('image')).toHaveLength(6)
      for (const landmark of ['main', 'banner', 'navigation', 'search']) expect(of(landmark), landmark).toHaveLength(1)
      expect(of('status').length).toBeGreaterThanOrEqual(3)
    }))

  test.each([320, 375, 768, 1_090, 1_280])('at %d px nothing has to be scrolled to the side', (width) =>
    withPage({ letters: 5 }, async (page) => {
      await page.view(width, 800)
      await page.until(`document.querySelector('#dead details')`)
      await page.ask(`document.querySelector('#dead details').open = true`)
      await page.until(`document.querySelector('#leaks .uplot').getBoundingClientRect().right <= ${width}`)
      expect(await page.ask(`document.documentElement.scrollWidth`)).toBe(width)
      expect(
        await page.ask(`[...document.querySelectorAll('main *')]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
          .filter((one) => !one.closest('.plot') && getComputedStyle(one).clipPath === 'none' && !one.closest('thead'))
          .map((one) => one.outerHTML.slice(0, 100))`),
      ).toEqual([])
    }),
  )

  test('it is light or dark as the system is, and turns with it, pictures too', () =>
    withPage({}, async (page) => {
      const paper = `getComputedStyle(document.querySelector('section')).backgroundColor`
      expect([await page.ask(paper), await page.ask(hasInk('b3261e'))]).toEqual(['rgb(255, 255, 255)', true])
      await page.view(1_280, 1_000, 'dark')
      await page.until(hasInk('ff8a80'))
      expect([await page.ask(paper), await page.ask(hasInk('b3261e'))]).toEqual(['rgb(27, 31, 35)', false])
    }))
})

/** Whether the first picture has a colour in it: that of the suspect's line. */
const hasInk = (colour: string): string => `(() => {
  const { width, height } = document.querySelector('#leaks canvas')
  const copy = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  copy.drawImage(document.querySelector('#leaks canvas'), 0, 0)
  const { data } = copy.getImageData(0, 0, width, height)
  for (let at = 0; at < data.length; at += 4) {
    const hex = ((data[at] << 16) | (data[at + 1] << 8) | data[at + 2]).toString(16).padStart(6, '0')
    if (data[at + 3] === 255 && hex === '${colour}') return true
  }
  return false
})()`

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
