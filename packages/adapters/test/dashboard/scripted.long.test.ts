import { describe, expect, test } from 'vitest'
import { LIVE, text, withPage } from './scripted-page.ts'

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
      expect(await page.ask(text('#dead details'))).toMatch(/61\sB, values left out[\s\S]*"to": "string"/)
      await page.ask(`document.querySelector('#dead-values').click()`)
      await page.until(`document.querySelector('#dead pre').textContent.includes('ann@example.org')`)
      expect(await page.ask(`document.querySelector('#dead details').open`)).toBe(true)
      await page.ask(`document.querySelector('#dead-values').click()`)
      await page.until(`!document.querySelector('#dead pre').textContent.includes('ann@example.org')`)
    }))
})

test('isolates are listed, with how much of their time collections take', () =>
  withPage({}, async (page) => {
    await page.until(`document.querySelectorAll('#isolates tbody tr').length === 3`)
    const rows = await page.ask<string[]>(
      `[...document.querySelectorAll('#isolates tbody tr')].map(({ innerText }) => innerText)`,
    )
    expect(rows).toEqual([
      expect.stringMatching(/active.*\s2\.5 ms\/s\s/s),
      expect.stringMatching(/active.*\s3\.5 ms\/s\s/s),
      expect.stringMatching(/^–\s+spare/),
    ])
  }))

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
